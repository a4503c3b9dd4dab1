import { Button, Modal } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
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
  const errors = problem?.errors ?? {}
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
      {problem && Object.keys(errors).length === 0 && (
        <Notice tone="bad" title={failed} ref={refused}>
          <p>{problem.detail}</p>
        </Notice>
      )}
      {children(errors)}
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

interface FormDialogProps {
  isOpen: boolean
  close: () => void
  title: string
  children: ReactNode
}

/** A form over the page. What was typed is gone when it closes. */
export function FormDialog({ isOpen, close, title, children }: FormDialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={title}
      size={480}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {children}
    </Modal>
  )
}
