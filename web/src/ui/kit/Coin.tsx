import s from './kit.module.css'

type Tone = 'brand' | 'light' | 'mono'

const RING: Record<Tone, string> = {
  brand: 'var(--brand-text)',
  light: 'var(--on-hero)',
  mono: 'currentColor',
}
const CORE: Record<Tone, string> = {
  brand: 'var(--gold)',
  light: 'var(--gold-light)',
  mono: 'currentColor',
}

/** The mark of credits: a ring with a core of gold. Rupees never carry it; credits always do. */
export function Coin({ size = 16, tone = 'brand' }: { size?: number; tone?: Tone }) {
  return (
    <svg className={s.coin} width={size} height={size} viewBox="0 0 20 20" fill="none" aria-hidden>
      <path
        d="M10 1.4 18.6 10 10 18.6 1.4 10Z"
        stroke={RING[tone]}
        strokeWidth="1.7"
        strokeLinejoin="round"
      />
      <path d="M10 6.1 13.9 10 10 13.9 6.1 10Z" fill={CORE[tone]} />
    </svg>
  )
}
