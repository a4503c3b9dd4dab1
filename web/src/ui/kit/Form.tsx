import { Button } from '@mantine/core'
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import { problemIn, type Problem } from '@/api/problem'
import type { DialogProps } from './Dialog'
import s from './kit.module.css'
import { says } from './messages'
import { Notice } from './Notices'

const Dialog = lazy(() => import('./Dialog'))

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
            {says.cancel}
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

/** A form over the page. What was typed is gone when it closes; its code comes with the first. */
export function FormDialog(props: DialogProps) {
  const [wasOpened, setWasOpened] = useState(false)
  if (props.isOpen && !wasOpened) setWasOpened(true)
  return <Suspense>{wasOpened && <Dialog {...props} />}</Suspense>
}
