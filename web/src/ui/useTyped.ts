import { useState } from 'react'
import { useDebouncedCallback } from '@mantine/hooks'

/**
 * What is typed into a field of which the address keeps what it says. It is asked for once the
 * typing rests. Where the address changes otherwise, by Back or as filters are cleared, the field
 * follows; what it has asked for itself comes back meanwhile, and overwrites nothing.
 * `read` is what the address keeps of a text.
 */
export function useTyped(
  known: string,
  ask: (text: string) => void,
  restMs: number,
  read = (text: string) => text.trim(),
) {
  const [typed, setTyped] = useState(known)
  const [heard, setHeard] = useState(known)
  const [asked, setAsked] = useState<readonly string[]>([])
  if (known !== heard) {
    const at = asked.indexOf(known)
    setHeard(known)
    setAsked(at < 0 ? [] : asked.slice(at + 1))
    if (at < 0) setTyped(known)
  }
  const rested = useDebouncedCallback((text: string) => {
    // Neither what is asked for already, nor what the address has overwritten since.
    if (text === known || text !== read(typed)) return
    setAsked((before) => [...before, text])
    ask(text)
  }, restMs)
  const type = (text: string) => {
    setTyped(text)
    rested(read(text))
  }
  return [typed, type] as const
}
