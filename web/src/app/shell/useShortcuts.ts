import { useEffect, useRef } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { useMantineColorScheme } from '@mantine/core'
import { isTypedInto, shortcutsAreOn } from '@/ui/shortcuts'
import { ALL_DESTINATIONS } from './nav'

const SEQUENCE_MS = 900
interface Doing {
  openPalette: () => void
  openHelp: () => void
}

/** Whether something lies over the page, as a secret does that is shown this once. */
const isOverThePage = () => document.querySelector('[role=dialog]') !== null

/** Ctrl K, G and a letter, /, Shift D and ?: off while something is typed or open. */
export function useShortcuts({ openPalette, openHelp }: Doing) {
  const navigate = useNavigate()
  const { toggleColorScheme } = useMantineColorScheme()
  const going = useRef(0)
  useEffect(() => {
    const typed = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase()
      if ((event.metaKey || event.ctrlKey) && key === 'k') {
        event.preventDefault()
        openPalette()
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTypedInto(event.target)) return
      if (!shortcutsAreOn() || isOverThePage()) return
      const wasGoing = event.timeStamp - going.current < SEQUENCE_MS
      going.current = key === 'g' ? event.timeStamp : 0
      const target = wasGoing && ALL_DESTINATIONS.find((each) => 'key' in each && each.key === key)
      if (target) void navigate({ to: target.to })
      else if (key === '/') document.querySelector<HTMLElement>('[data-page-search]')?.focus()
      else if (key === '?') openHelp()
      else if (key === 'd' && event.shiftKey) toggleColorScheme()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', typed)
    return () => removeEventListener('keydown', typed)
  }, [navigate, toggleColorScheme, openPalette, openHelp])
}
