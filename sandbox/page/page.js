(function () {
  "use strict";
  var PAUSE = 1000, LONG_PAUSE = 5000;
  var told = document.getElementById("told"), live = document.getElementById("live");
  if (!told || !live) return;
  var sent = {}, turn = 0, waiting = 0;
  var regions = function (root) { return Array.prototype.slice.call(root.querySelectorAll("[data-live]")); };
  regions(document).forEach(function (region) { sent[region.id] = region.outerHTML; });

  var say = function (text, wrong) {
    if (told.textContent === text) return;
    told.textContent = text;
    told.classList.toggle("s-trouble", Boolean(wrong));
  };

  // what somebody is filling in stays as it is
  var touched = function (field) {
    if (field === document.activeElement) return true;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    var usual = Array.prototype.findIndex.call(field.options, function (each) { return each.defaultSelected; });
    return field.selectedIndex !== Math.max(usual, 0);
  };
  var busy = function (region) {
    var fields = region.querySelectorAll("input:not([type=hidden]), select");
    return Array.prototype.some.call(fields, touched);
  };

  // where the keyboard is, what is open and how far it is scrolled stays as it is
  var place = function (region) {
    var at = document.activeElement;
    if (!at || !region.contains(at)) return null;
    return { id: at.id, href: at.getAttribute("href"), label: at.getAttribute("aria-label"), tag: at.tagName };
  };
  var goBack = function (region, was) {
    if (!was) return;
    var all = Array.prototype.slice.call(region.querySelectorAll("a, button, input, select, summary, [tabindex]"));
    var found = all.find(function (each) {
      if (was.id) return each.id === was.id;
      return each.tagName === was.tag && each.getAttribute("href") === was.href && each.getAttribute("aria-label") === was.label;
    });
    if (!found) {
      found = region.querySelector("h2") || region;
      found.tabIndex = -1;
    }
    found.focus({ preventScroll: true });
  };
  var swap = function (old, fresh) {
    var was = place(old), scrolled = old.querySelector(".p-scroll");
    var left = scrolled ? scrolled.scrollLeft : 0, top = scrolled ? scrolled.scrollTop : 0;
    Array.prototype.forEach.call(old.querySelectorAll("details[id]"), function (fold) {
      var same = fresh.querySelector("#" + CSS.escape(fold.id));
      if (same) same.open = fold.open;
    });
    var made = document.importNode(fresh, true);
    old.replaceWith(made);
    made.classList.add("s-new");
    var scroll = made.querySelector(".p-scroll");
    if (scroll) { scroll.scrollLeft = left; scroll.scrollTop = top; }
    goBack(made, was);
  };
  var show = function (html, all) {
    var fresh = new DOMParser().parseFromString(html, "text/html"), missed = false;
    regions(fresh).forEach(function (region) {
      var old = document.getElementById(region.id), text = region.outerHTML;
      if (!old || (sent[region.id] === text && !(all && busy(old)))) return;
      if (!all && busy(old)) { missed = true; return; }
      sent[region.id] = text;
      swap(old, region);
    });
    document.title = fresh.title;
    if (!missed) document.body.dataset.seen = fresh.body.dataset.seen;
  };

  var again = function (pause) { clearTimeout(waiting); waiting = setTimeout(look, pause); };
  var look = function () {
    if (document.hidden || live.getAttribute("aria-pressed") !== "true") { again(PAUSE); return; }
    var mine = ++turn, place = new URL(location.href);
    place.hash = "";
    place.searchParams.set("seen", document.body.dataset.seen || "");
    fetch(place, { cache: "no-store" }).then(function (answer) {
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }).then(function (html) {
      if (mine !== turn) return again(PAUSE);
      if (html === null) return say("This is not there any more.", true);
      if (told.dataset.lost) { delete told.dataset.lost; say(""); }
      if (html) show(html, false);
      again(PAUSE);
    }).catch(function () {
      told.dataset.lost = "yes";
      say("The sandbox does not answer.", true);
      again(LONG_PAUSE);
    });
  };

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if ((form.getAttribute("method") || "").toLowerCase() !== "post") return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    var fields = new URLSearchParams(new FormData(form));
    if (event.submitter && event.submitter.name) fields.append(event.submitter.name, event.submitter.value);
    form.setAttribute("aria-busy", "true");
    turn += 1;
    fetch(form.getAttribute("action"), { method: "POST", body: fields }).then(function (answer) {
      return answer.text().then(function (html) {
        turn += 1;
        form.removeAttribute("aria-busy");
        if (answer.ok) { show(html, true); say(form.dataset.done || "Done."); return; }
        var page = new DOMParser().parseFromString(html, "text/html"), why = page.getElementById("trouble");
        say(why ? why.textContent : "The sandbox answered " + answer.status + ".", true);
      });
    }).catch(function () {
      form.removeAttribute("aria-busy");
      say("The sandbox does not answer.", true);
    });
  });

  live.hidden = false;
  live.addEventListener("click", function () {
    var on = live.getAttribute("aria-pressed") !== "true";
    live.setAttribute("aria-pressed", String(on));
    live.textContent = on ? "live" : "paused";
    if (on) again(0);
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) again(0); });
  again(PAUSE);
})();
