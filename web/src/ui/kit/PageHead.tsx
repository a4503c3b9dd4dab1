import type { ReactNode } from 'react'
import s from './kit.module.css'

interface Props {
  title: string
  sub?: ReactNode
  children?: ReactNode
}

/** The head of a page: its one h1, a sentence, and what can be done. */
export function PageHead({ title, sub, children }: Props) {
  return (
    <header className={s.head}>
      <div>
        <h1>{title}</h1>
        {sub && <p>{sub}</p>}
      </div>
      {children && <div className={s.headActions}>{children}</div>}
    </header>
  )
}

/** A page in its column. */
export function Page({ children }: { children: ReactNode }) {
  return <div className={s.page}>{children}</div>
}
