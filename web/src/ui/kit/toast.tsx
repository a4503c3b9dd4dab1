import { lazy, Suspense, useSyncExternalStore } from 'react'
import { IconCheck } from '@tabler/icons-react'

const TOAST_MS = 6000

const Notifications = lazy(async () => ({
  default: (await import('@mantine/notifications')).Notifications,
}))

let isWanted = false
const listeners = new Set<() => void>()

/** The result of what the user just did. What needs a decision is never told so. */
export function toast(title: string, message: string) {
  isWanted = true
  for (const listener of listeners) listener()
  void import('@mantine/notifications').then(({ notifications }) =>
    notifications.show({ title, message, icon: <IconCheck size={16} stroke={2.4} /> }),
  )
}

/** Where toasts appear. Its code is fetched with the first of them. */
export function Toasts() {
  const isNeeded = useSyncExternalStore(subscribe, () => isWanted)
  return (
    <Suspense>
      {isNeeded && <Notifications position="bottom-right" autoClose={TOAST_MS} limit={3} />}
    </Suspense>
  )
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
