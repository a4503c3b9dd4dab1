import type { ReactNode } from 'react'

/** One line of a list of facts. */
export function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  )
}
