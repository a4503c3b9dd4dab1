import { useState } from 'react'
import { WholeNumber } from './WholeNumber'

interface Props {
  /** Whose and which figure it is, for those who don't see its row. */
  label: string
  value: number | null
  placeholder?: string
  /** Called with what was typed, once it is another figure; null where it was emptied. */
  onSave: (value: number | null) => void
  isSaving: boolean
  /** Whether there may be no figure at all. */
  canBeEmpty?: boolean
}

/** A figure that is edited where it stands: Enter or leaving it saves, Escape takes it back. */
export function Editable({ value, ...props }: Props) {
  return <Field key={value} value={value} {...props} />
}

function Field({ label, value, placeholder, onSave, isSaving, canBeEmpty = false }: Props) {
  const [typed, setTyped] = useState<number | string>(value ?? '')
  const save = () => {
    const wanted = typed === '' ? null : Number(typed)
    if (wanted === null && !canBeEmpty) setTyped(value ?? '')
    else if (wanted !== value) onSave(wanted)
  }
  return (
    <WholeNumber
      size="xs"
      w={104}
      aria-label={label}
      aria-busy={isSaving}
      {...(placeholder !== undefined && { placeholder })}
      value={typed}
      onChange={setTyped}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save()
        if (event.key === 'Escape') setTyped(value ?? '')
      }}
    />
  )
}
