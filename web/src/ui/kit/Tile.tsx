import { IconKey } from '@tabler/icons-react'
import { initials } from '@/format/words'
import { markOf } from './categories'
import s from './kit.module.css'

interface Marked {
  type: string
  category: string | null
}

/** The square mark of a transaction or, by its category alone, of a feature. */
export function Tile({ of, size = 28 }: { of: Marked; size?: number }) {
  const { color, Icon } = markOf(of)
  return (
    <span
      className={s.tile}
      style={{ width: size, height: size, color, background: tint(color) }}
      aria-hidden
    >
      <Icon size={size * 0.56} stroke={1.8} />
    </span>
  )
}

/** A person by initials, or a key. The hue is the name's own, the same everywhere. */
export function Avatar({
  name,
  size = 24,
  isKey = false,
}: {
  name: string
  size?: number
  isKey?: boolean
}) {
  const hue = hueOf(name)
  const look = {
    width: size,
    height: size,
    fontSize: size * 0.4,
    background: `oklch(from var(--brand-tint-2) l 0.045 ${hue})`,
    color: `oklch(from var(--brand-text) l 0.12 ${hue})`,
    borderRadius: isKey ? size * 0.3 : '50%',
  }
  return (
    <span className={s.avatar} style={look} aria-hidden>
      {isKey ? <IconKey size={size * 0.56} stroke={1.9} /> : initials(name)}
    </span>
  )
}

const tint = (color: string) => `color-mix(in oklch, ${color} 12%, transparent)`

function hueOf(name: string): number {
  let sum = 7
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360
  return sum
}
