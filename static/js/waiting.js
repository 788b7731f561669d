// Asks every 5 seconds, for 10 minutes, whether the link was pressed elsewhere, and then moves on.
const everyMs = 5000;
let left = 120;
const timer = setInterval(async () => {
  left -= 1;
  if (left === 0) clearInterval(timer);
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "application/json" } });
    const { next } = await answer.json();
    if (next) location.replace(next);
  } catch {
    // No network just now: the next time will do, and the page works without.
  }
}, everyMs);
