import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { Notice } from '@/ui/kit'
import { says } from './messages'
import s from './sign-in.module.css'

/** The way to a provider of identities, and back to where one was going. */
export function AtProvider({ name, start, next }: Record<'name' | 'start' | 'next', string>) {
  const query = new URLSearchParams({ return_to: next })
  return (
    <>
      <p className={s.or}>{says.provider.or}</p>
      <Button component="a" href={`${start}?${query}`} variant="default" size="md" fullWidth>
        {says.provider.continue(name)}
      </Button>
    </>
  )
}

/** Why somebody who was at the provider is not signed in. */
export function NotByProvider({ reason }: { reason: string }) {
  const { failed, again } = says.provider
  const [title, text] = says.notByProvider[reason] ?? [failed, again]
  const told = useRef<HTMLDivElement>(null)
  useEffect(() => told.current?.focus(), [])
  return (
    <div className={s.told}>
      <Notice tone="bad" title={title} ref={told}>
        <p>{text}</p>
      </Notice>
    </div>
  )
}
