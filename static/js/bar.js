// Takes the "Sign" bar off the screen while the form's own button is on it.
const bar = document.querySelector(".sign-bar");
const button = document.querySelector("#sign-form button") ?? document.getElementById("sign");
if (bar && button) {
  new IntersectionObserver(([entry]) => { bar.hidden = entry.isIntersecting; }).observe(button);
}
