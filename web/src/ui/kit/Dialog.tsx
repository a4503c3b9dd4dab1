import type { ReactNode } from 'react'
import { Modal } from '@mantine/core'

export interface DialogProps {
  isOpen: boolean
  close: () => void
  title: string
  children: ReactNode
}

/** What lies over the page until it is done or left. */
export default function Dialog({ isOpen, close, title, children }: DialogProps) {
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
