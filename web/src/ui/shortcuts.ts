const STORED = 'khata.single-key-shortcuts'

/** Whether one key alone does something. Some need it off, since their voice types. */
export const shortcutsAreOn = () => localStorage.getItem(STORED) !== 'off'
export const turnShortcuts = (on: boolean) => localStorage.setItem(STORED, on ? 'on' : 'off')

/** Whether what is pressed there is text, and no shortcut. */
export function isTypedInto(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
  )
}
