import { Button, Modal } from '@mantine/core'
import { useState, type MouseEvent, type ReactNode } from 'react'
import s from './kit.module.css'
import { says } from './messages'

export interface DialogProps {
  isOpen: boolean
  close: () => void
  title: string
  /** Whether what was typed into it is worth a question before it is gone. */
  isKept?: boolean
  children: ReactNode
}

/** Lies over the page. Before what was typed is gone with it, it asks; Cancel is answer enough. */
export default function Dialog({ isOpen, close, title, isKept = true, children }: DialogProps) {
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
      closeButtonProps={{ 'aria-label': says.close }}
    >
      {isAsking && (
        <div className={s.unsaved} role="alert">
          <p>{says.unsaved.text}</p>
          <Button size="xs" variant="default" onClick={() => setAsking(false)} data-autofocus>
            {says.unsaved.keep}
          </Button>
          <Button size="xs" variant="default" onClick={close}>
            {says.unsaved.discard}
          </Button>
        </div>
      )}
      <div onChangeCapture={changed} onClickCapture={chosen}>
        {children}
      </div>
    </Modal>
  )
}
