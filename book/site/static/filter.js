// Shows the events of one type or side. Without it every event stands there, and the
// choices do not.
const form = document.querySelector("form.filter");
const events = [...document.querySelectorAll("a[data-type]")];

function show() {
  const { type, actor } = Object.fromEntries(new FormData(form));
  for (const link of events) {
    const out =
      (type && link.dataset.type !== type) || (actor && link.dataset.actor !== actor);
    (link.closest("tr") ?? link).classList.toggle("left-out", Boolean(out));
  }
  const left = [...document.querySelectorAll("tbody tr:not(.left-out)")];
  for (const year of document.querySelectorAll("section section")) {
    year.classList.toggle("left-out", !left.some((row) => year.contains(row)));
  }
  form.querySelector("output").textContent =
    left.length === 1 ? "1 event" : `${left.length} events`;
}

form.hidden = false;
form.addEventListener("change", show);
// A browser that goes back keeps what was chosen.
window.addEventListener("pageshow", show);
