(function () {
  "use strict";
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var byId = function (hash) { return document.getElementById(decodeURIComponent(hash.slice(1))); };

  // copy buttons
  all(".p-command").forEach(function (box) {
    if (!navigator.clipboard) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "p-copy";
    button.textContent = "copy";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(box.querySelector("code").textContent).then(
        function () { button.textContent = "copied"; },
        function () { button.textContent = "select and copy"; }
      );
    });
    box.appendChild(button);
  });

  // j and k: the next and the previous step
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "j" && event.key !== "k")) return;
    if (/^(input|textarea|select)$/i.test(event.target.tagName) && !/^(radio|checkbox)$/.test(event.target.type)) return;
    var picks = all(".p-pick input").filter(function (pick) { return pick.closest(".p-panel").offsetParent !== null; });
    if (!picks.length) return;
    var here = picks.findIndex(function (pick) { return pick.checked; });
    var next = picks[Math.max(0, Math.min(picks.length - 1, here + (event.key === "j" ? 1 : -1)))];
    next.checked = true;
    next.focus();
    next.closest(".p-at").scrollIntoView({ block: "nearest" });
  });

  // the tab that arrow keys reached is in sight
  all(".p-tab-input").forEach(function (tab) {
    tab.addEventListener("change", function () {
      var label = document.querySelector("label[for='" + tab.id + "']");
      if (label) label.scrollIntoView({ block: "nearest" });
    });
  });

  // a link to a failure opens its tab, a link to a step picks it
  var open = function (target) {
    var panel = target && target.closest(".p-panel");
    if (!panel) return false;
    var tab = document.getElementById(panel.id.replace("failure", "tab"));
    if (tab) tab.checked = true;
    var pick = target.querySelector(".p-pick input");
    if (pick && target.classList.contains("p-at")) pick.checked = true;
    return true;
  };
  open(location.hash && byId(location.hash));
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href^='#']");
    var target = link && byId(link.getAttribute("href"));
    if (!target) return;
    all("details").forEach(function (fold) { if (fold.contains(target)) fold.open = true; });
    if (open(target) && target.classList.contains("p-at")) {
      event.preventDefault();
      target.scrollIntoView({ block: "nearest" });
    }
  });

  // rows of the tables: a filter
  all("table.p-filtered").forEach(function (table) {
    var rows = all("tbody tr", table);
    if (rows.length < 8) return;
    var field = document.createElement("input");
    var told = document.createElement("span");
    var box = document.createElement("div");
    field.type = "search";
    field.placeholder = "filter " + rows.length + " rows";
    field.setAttribute("aria-label", "filter: " + (table.caption ? table.caption.textContent : "rows"));
    told.setAttribute("role", "status");
    box.className = "p-filter p-muted";
    box.append(field, told);
    table.parentNode.parentNode.insertBefore(box, table.parentNode);
    field.addEventListener("input", function () {
      var words = field.value.toLowerCase().split(/\s+/);
      var left = rows.filter(function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.includes(word); });
        return !row.hidden;
      });
      told.textContent = field.value ? left.length + " of " + rows.length : "";
    });
  });

  // rows and lines of one flow light each other up
  all(".p-flow").forEach(function (flow) {
    var lines = all("path[data-way]", flow), rows = all(".p-steps tbody tr", flow);
    rows.forEach(function (row) {
      var cells = row.cells;
      if (cells.length > 5) row.dataset.way = cells[1].textContent + " " + cells[5].textContent;
    });
    var links = all(".of-picture a", flow);
    var light = function (way, on) {
      lines.concat(rows).forEach(function (each) {
        if (each.dataset.way === way) each.classList.toggle("p-lit", on);
      });
    };
    var listen = function (each, way) {
      each.addEventListener("pointerenter", function () { light(way, true); });
      each.addEventListener("pointerleave", function () { light(way, false); });
    };
    lines.concat(rows).forEach(function (each) { listen(each, each.dataset.way); });
    links.forEach(function (link) {
      var row = byId(link.getAttribute("href"));
      row = row && (row.matches("tr") ? row : row.querySelector("tr"));
      if (row && row.dataset.way) listen(link, row.dataset.way);
    });
  });

  window.addEventListener("beforeprint", function () {
    all("details").forEach(function (fold) { fold.open = true; });
  });
})();
