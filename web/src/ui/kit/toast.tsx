import { lazy, Suspense, useSyncExternalStore } from 'react'
import { IconCheck } from '@tabler/icons-react'
import s from './kit.module.css'
import { says } from './messages'

const TOAST_MS = 6000

const Notifications = lazy(async () => ({
  default: (await import('@mantine/notifications')).Notifications,
}))

let isWanted = false
const listeners = new Set<() => void>()

/**
 * The result of what the user just did. What needs a decision is never told so. `undo` takes it back,
 * where it can be taken back.
 */
export function toast(title: string, message: string, undo?: () => void) {
  isWanted = true
  for (const listener of listeners) listener()
  void import('@mantine/notifications').then(({ notifications }) => {
    const id = notifications.show({
      title,
      message: undo ? (
        <span className={s.undoable}>
          {message}
          <button
            type="button"
            className={s.link}
            onClick={() => {
              notifications.hide(id)
              undo()
            }}
          >
            {says.toast.undo}
          </button>
        </span>
      ) : (
        message
      ),
      icon: <IconCheck size={16} stroke={2.4} />,
      closeButtonProps: { 'aria-label': says.toast.dismiss },
    })
  })
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
