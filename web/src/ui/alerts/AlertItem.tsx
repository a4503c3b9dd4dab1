import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Alert } from '@/api/types'
import { useSession } from '@/session/session'
import { kit } from '../kit'
import a from './alerts.module.css'
import { alertWords } from './words'

interface Props {
  alert: Alert
  zone: string
  /** When it was raised, and what can be done about it. */
  children?: ReactNode
}

/** One alert in a list. */
export function AlertItem({ alert, zone, children }: Props) {
  const { scopes } = useSession()
  const { title, text, tone, Icon, next } = alertWords(alert, zone)
  return (
    <li className={a.item}>
      <span className={a.icon} data-tone={tone} aria-hidden>
        <Icon size={16} stroke={1.9} />
      </span>
      <div>
        <b>{title}</b>
        <p>{text}</p>
        <div className={a.actions}>
          {next && scopes.has(next.scope) && alert.state !== 'resolved' && (
            <Link to={next.to} search={next.tab ? { tab: next.tab } : {}} className={kit.link}>
              {next.label}
            </Link>
          )}
          {children}
        </div>
      </div>
    </li>
  )
}
