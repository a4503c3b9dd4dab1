import { Button, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { problemIn } from '@/api/problem'
import { FormDialog } from './Form'
import { Notice } from './Notices'
import s from './kit.module.css'
import { says } from './messages'

interface Props {
  isOpen: boolean
  close: () => void
  /** Names the object and the effect: "Revoke Production key?" */
  title: string
  /** What will be, and what will not. */
  children: ReactNode
  /** The verb with its object: "Revoke key". */
  act: string
  onAct: () => void
  isPending: boolean
  error: unknown
  /** Whether it may be done already, where that outlasts the error. */
  isUnknown?: boolean
  /** Where the effect is grave: the name that has to be typed first. */
  typed?: string
}

/** Asks before what can't be undone, and only then. */
export function Confirm(props: Props) {
  const { isOpen, close, title, children, act, onAct, isPending, error, isUnknown, typed } = props
  const [said, setSaid] = useState('')
  const problem = problemIn(error)
  return (
    <FormDialog isOpen={isOpen} close={close} title={title} isKept={false}>
      <form
        className={s.form}
        onSubmit={(event) => {
          event.preventDefault()
          onAct()
        }}
      >
        <div className={s.said}>{children}</div>
        {problem && (
          <Notice
            tone="bad"
            title={isUnknown || problem.isPassing ? says.notKnown : says.nothingChanged}
          >
            <p>{problem.detail}</p>
          </Notice>
        )}
        {typed !== undefined && (
          <TextInput
            label={says.confirm(typed)}
            autoComplete="off"
            value={said}
            onChange={({ currentTarget }) => setSaid(currentTarget.value)}
          />
        )}
        <div className={s.formActions}>
          <Button
            type="submit"
            className={s.grave ?? ''}
            loading={isPending}
            disabled={typed !== undefined && said !== typed}
          >
            {act}
          </Button>
          <Button variant="default" onClick={close}>
            {says.cancel}
          </Button>
        </div>
      </form>
    </FormDialog>
  )
}
