import { type ReactNode, type Ref } from 'react'
import { Button } from '@mantine/core'
import { IconAlertCircle, IconInfoCircle } from '@tabler/icons-react'
import { problemIn } from '@/api/problem'
import { CopyId } from './CopyId'
import s from './kit.module.css'
import { says } from './messages'

/** Nothing to show: what could be here, and how it comes to be. */
export function Empty({
  title,
  children,
  action,
}: Record<'title' | 'children' | 'action', ReactNode>) {
  return (
    <div className={s.empty}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

interface NoticeProps {
  tone: 'bad' | 'warn' | 'brand'
  title: ReactNode
  children?: ReactNode
  actions?: ReactNode
  ref?: Ref<HTMLDivElement>
}

/** In the flow of the page: what happened, what did not happen, what to do. */
export function Notice({ tone, title, children, actions, ref }: NoticeProps) {
  const Icon = tone === 'brand' ? IconInfoCircle : IconAlertCircle
  return (
    <div
      className={s.notice}
      data-tone={tone}
      role={tone === 'bad' ? 'alert' : 'status'}
      tabIndex={-1}
      ref={ref}
    >
      <Icon size={20} stroke={2} aria-hidden />
      <h2>{title}</h2>
      {children && <div className={s.noticeBody}>{children}</div>}
      {actions && <div className={s.noticeActions}>{actions}</div>}
    </div>
  )
}

interface FailedProps {
  /** What could not be shown, as in "Transactions could not be loaded." */
  what: string
  error: unknown
  onRetry: () => void
}

/** A part of the page that could not be loaded; the rest of the page stays. */
export function Failed({ what, error, onRetry }: FailedProps) {
  const problem = problemIn(error)
  return (
    <Notice
      tone="bad"
      title={what}
      actions={
        <Button size="xs" variant="default" onClick={onRetry}>
          {says.failed.again}
        </Button>
      }
    >
      <p>{problem?.detail ?? says.failed.here}</p>
      {problem?.requestId && <CopyId value={problem.requestId} label={says.failed.requestId} />}
    </Notice>
  )
}
