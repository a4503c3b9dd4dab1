import { useCallback, useState } from 'react'
import { useDisclosure } from '@mantine/hooks'

/** An overlay whose code is fetched when it is first asked for. */
export function useOnDemand() {
  const [isOpen, { open, close }] = useDisclosure(false)
  const [wasOpened, setWasOpened] = useState(false)
  const openFirst = useCallback(() => {
    setWasOpened(true)
    open()
  }, [open])
  return { isOpen, wasOpened, open: openFirst, close }
}
