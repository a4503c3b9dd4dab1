import s from './kit.module.css'

const LINES = 26
const WIDTH = 720

/** The line-work of a banknote. Only the card of the balance and what a purchase brings have it. */
export function Guilloche() {
  return (
    <svg
      className={s.guilloche}
      viewBox="0 0 700 300"
      preserveAspectRatio="xMidYMid slice"
      fill="none"
      aria-hidden
    >
      {PATHS.map((path, number) => (
        <path key={number} d={path} stroke="var(--hero-line)" strokeWidth=".9" />
      ))}
    </svg>
  )
}

const PATHS = Array.from({ length: LINES }, (_, k) => {
  const points = []
  for (let x = -10; x <= WIDTH; x += 10) {
    const turn = (x / WIDTH) * Math.PI * 2
    const wide = Math.sin(turn * 1.5 + k * 0.21) * (36 + k * 3.4)
    const fine = Math.cos(turn * 2.6 - k * 0.13) * (18 + k * 0.9)
    points.push(`${x} ${(150 + wide + fine - k * 2.2).toFixed(1)}`)
  }
  return `M${points.join('L')}`
})
