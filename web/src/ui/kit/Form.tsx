import { Button, Modal } from '@mantine/core'
import { useEffect, useRef, useState, type MouseEvent, type ReactNode } from 'react'
import { problemIn, type Problem } from '@/api/problem'
import s from './kit.module.css'
import { Notice } from './Notices'

interface FormProps {
  /** The mutation that the form is for. */
  saving: { error: unknown; isPending: boolean; mutate: () => void }
  /** What was not done, where the server refused it. */
  failed: string
  submit: string
  isComplete?: boolean
  /** Of a page that is for this alone: what sends it is as wide as its fields. */
  isWide?: boolean
  cancel?: () => void
  /** The fields, given what the server said of each by its dotted path. */
  children: (errors: Problem['errors']) => ReactNode
}

/** Fields that are saved together. What the server refuses is said at its field, or above them. */
export function Form({
  saving,
  failed,
  submit,
  isComplete = true,
  isWide = false,
  cancel,
  children,
}: FormProps) {
  const problem = problemIn(saving.error)
  const { errors, taken } = watched(problem?.errors ?? {})
  const fields = children(errors)
  const others = Object.entries(errors).filter(([field]) => !taken.has(field))
  const refused = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (problem) refused.current?.focus()
  }, [problem])
  return (
    <form
      className={s.form}
      onSubmit={(event) => {
        event.preventDefault()
        saving.mutate()
      }}
    >
      {problem && (others.length > 0 || Object.keys(errors).length === 0) && (
        <Notice tone="bad" title={failed} ref={refused}>
          <p>{others.length ? others.map(([, said]) => said).join('. ') : problem.detail}</p>
        </Notice>
      )}
      {fields}
      <div className={s.formActions}>
        <Button
          type="submit"
          loading={saving.isPending}
          disabled={!isComplete}
          {...(isWide && { size: 'md', fullWidth: true })}
        >
          {submit}
        </Button>
        {cancel && (
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  )
}

/** What was said of each field, and which of them the form has: the others are told above them. */
function watched(errors: Problem['errors']) {
  const taken = new Set<string>()
  const get = (all: Problem['errors'], field: string) => {
    taken.add(field)
    return all[field]
  }
  return { errors: new Proxy(errors, { get }), taken }
}

interface FormDialogProps {
  isOpen: boolean
  close: () => void
  title: string
  /** Whether what was typed into it is worth a question before it is gone. */
  isKept?: boolean
  children: ReactNode
}

/** A form over the page. Before what was typed is gone with it, it asks; Cancel is answer enough. */
export function FormDialog({ isOpen, close, title, isKept = true, children }: FormDialogProps) {
  const [isChanged, setChanged] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const [wasOpen, setWasOpen] = useState(isOpen)
  if (wasOpen !== isOpen) {
    setWasOpen(isOpen)
    setChanged(false)
    setAsking(false)
  }
  const changed = () => {
    if (isKept) setChanged(true)
  }
  const chosen = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('[role=option]')) changed()
  }
  return (
    <Modal
      opened={isOpen}
      onClose={isChanged ? () => setAsking(true) : close}
      title={title}
      size={480}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {isAsking && (
        <div className={s.unsaved} role="alert">
          <p>What you typed is not saved.</p>
          <Button size="xs" variant="default" onClick={() => setAsking(false)} data-autofocus>
            Keep editing
          </Button>
          <Button size="xs" variant="default" onClick={close}>
            Discard
          </Button>
        </div>
      )}
      <div onChangeCapture={changed} onClickCapture={chosen}>
        {children}
      </div>
    </Modal>
  )
}
