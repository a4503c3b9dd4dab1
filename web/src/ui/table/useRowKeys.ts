import { useEffect, useRef } from 'react'
import { isTypedInto, shortcutsAreOn } from '../shortcuts'

const OPENS = 'a, button'
const STEPS: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }

/** J and K, and within the table the arrows too, move the focus along what its rows open. */
export function useRowKeys(isOn: boolean) {
  const body = useRef<HTMLTableSectionElement>(null)
  useEffect(() => {
    if (!isOn) return undefined
    const pressed = (event: KeyboardEvent) => {
      const step = STEPS[event.key]
      if (!step || !body.current || event.metaKey || event.ctrlKey || event.altKey) return
      // What is open over the page has the keys.
      if (isTypedInto(event.target) || document.querySelector('[role=dialog]')) return
      const rows = [...body.current.rows]
      const at = rows.findIndex((row) => row.contains(document.activeElement))
      if (event.key.startsWith('Arrow') ? at < 0 : !shortcutsAreOn()) return
      const next = Math.max(0, Math.min(rows.length - 1, at + step))
      rows[next]?.querySelector<HTMLElement>(OPENS)?.focus()
      event.preventDefault()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [isOn])
  return body
}
