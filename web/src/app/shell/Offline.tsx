import { useSyncExternalStore } from 'react'
import { Notice } from '@/ui/kit'
import { says } from '../messages'
import s from './shell.module.css'

/** The browser has no network: what is on the page is from before, and nothing can be changed. */
export function Offline() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine)
  if (isOnline) return null
  return (
    <div className={s.exhausted}>
      <Notice tone="warn" title={says.offline.title}>
        <p>{says.offline.text}</p>
      </Notice>
    </div>
  )
}

function subscribe(changed: () => void) {
  addEventListener('online', changed)
  addEventListener('offline', changed)
  return () => {
    removeEventListener('online', changed)
    removeEventListener('offline', changed)
  }
}
