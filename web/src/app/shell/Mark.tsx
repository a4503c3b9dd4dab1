import s from './shell.module.css'

/** The organization's mark, until it has one of its own. */
export function Mark() {
  return (
    <span className={s.orgMark} aria-hidden>
      <svg width="16" height="16" viewBox="0 0 20 20" fill="none">
        <path
          d="M10 1.8 18.2 10 10 18.2 1.8 10Z"
          stroke="var(--on-brand)"
          strokeWidth="2"
          strokeLinejoin="round"
        />
        <path d="M10 6.4 13.6 10 10 13.6 6.4 10Z" fill="var(--gold-light)" />
      </svg>
    </span>
  )
}
