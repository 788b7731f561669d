// Takes the "Sign" bar off the screen while the form is on it.
const bar = document.querySelector(".sign-bar");
const form = document.getElementById("sign");
if (bar && form) {
  new IntersectionObserver(([entry]) => { bar.hidden = entry.isIntersecting; }).observe(form);
}
