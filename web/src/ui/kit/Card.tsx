import { useId, type ReactNode } from 'react'
import s from './kit.module.css'

interface Props {
  title?: ReactNode
  /** One action or state, at the right of the title. */
  right?: ReactNode
  /** Whether the content keeps off the border; a list of full width does it itself. */
  padded?: boolean
  className?: string | undefined
  children?: ReactNode
}

export function Card({ title, right, padded = true, className, children }: Props) {
  const id = useId()
  return (
    <section
      className={className ? `${s.card ?? ''} ${className}` : s.card}
      aria-labelledby={title ? id : undefined}
    >
      {title && (
        <div className={s.cardHead}>
          <h2 id={id}>{title}</h2>
          {right && <div className={s.cardRight}>{right}</div>}
        </div>
      )}
      {padded ? <div className={s.cardBody}>{children}</div> : children}
    </section>
  )
}
