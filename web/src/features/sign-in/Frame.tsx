import type { ReactNode } from 'react'
import { Coin } from '@/ui/kit'
import s from './sign-in.module.css'

/** A page of its own, before anybody is signed in. */
export function Frame({
  title,
  sub,
  children,
}: Record<'title' | 'sub', string> & { children: ReactNode }) {
  return (
    <main className={s.frame}>
      <div className={s.card}>
        <Coin size={34} />
        <h1>{title}</h1>
        <p className={s.sub}>{sub}</p>
        {children}
      </div>
    </main>
  )
}
