(function () {
  "use strict";
  document.querySelectorAll(".p-command").forEach(function (box) {
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
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /input|textarea/i.test(event.target.tagName) && event.target.type !== "radio") return;
    if (event.key !== "j" && event.key !== "k") return;
    var steps = Array.prototype.filter.call(document.querySelectorAll(".p-trace li"), function (step) {
      return step.offsetParent !== null;
    });
    if (!steps.length) return;
    var here = steps.indexOf(document.activeElement);
    var next = event.key === "j" ? Math.min(here + 1, steps.length - 1) : Math.max(here - 1, 0);
    steps[next].focus();
  });
})();
