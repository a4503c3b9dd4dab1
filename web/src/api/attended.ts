/** How long after somebody's last doing what the page asks is still asked for them. */
const ATTENDED_MS = 60_000
const DOINGS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']

/**
 * Tells whether somebody is at the page. What a page that is left open asks by itself, as it
 * follows what happens, must not keep the session alive.
 */
export function attendance(page: EventTarget, now: () => number = Date.now): () => boolean {
  let last = now()
  const done = () => (last = now())
  for (const doing of DOINGS) page.addEventListener(doing, done, { capture: true, passive: true })
  return () => now() - last < ATTENDED_MS
}
