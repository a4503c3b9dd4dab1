import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { Notice } from '@/ui/kit'
import s from './sign-in.module.css'

/** The way to a provider of identities, and back to where one was going. */
export function AtProvider({ name, start, next }: Record<'name' | 'start' | 'next', string>) {
  const query = new URLSearchParams({ return_to: next })
  return (
    <>
      <p className={s.or}>or</p>
      <Button component="a" href={`${start}?${query}`} variant="default" size="md" fullWidth>
        Continue with {name}
      </Button>
    </>
  )
}

const AGAIN = 'Try once more. If it stays so, tell whoever runs this Khata.'

const WORDS: Record<string, readonly [title: string, says: string]> = {
  off: ['That way in is not set up here.', 'Sign in with your e-mail and password.'],
  denied: ['You did not sign in there.', 'The provider told us that it was cancelled.'],
  expired: ['That took too long.', 'Or it began in another browser. Try once more.'],
  unverified: [
    'Your e-mail is not verified there.',
    'Have the provider verify it, or sign in with a password.',
  ],
  unknown: [
    'Nobody here has that e-mail.',
    'Ask to be invited, or sign in there with the address you were invited by.',
  ],
  unavailable: ['The provider does not answer.', 'Try again in a minute.'],
}

/** Why somebody who was at the provider is not signed in. */
export function NotByProvider({ reason }: { reason: string }) {
  const [title, says] = WORDS[reason] ?? ['You are not signed in.', AGAIN]
  const told = useRef<HTMLDivElement>(null)
  useEffect(() => told.current?.focus(), [])
  return (
    <div className={s.told}>
      <Notice tone="bad" title={title} ref={told}>
        <p>{says}</p>
      </Notice>
    </div>
  )
}
