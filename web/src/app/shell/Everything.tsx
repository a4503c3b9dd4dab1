import { Drawer } from '@mantine/core'
import { says } from '../messages'
import { LiveSwitch } from './LiveSwitch'
import s from './shell.module.css'
import { Navigation } from './Sidebar'
import { UserMenu } from './UserMenu'

/** On a phone: all destinations, and the user. */
export default function Everything({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  return (
    <Drawer
      opened={isOpen}
      onClose={close}
      position="bottom"
      title={says.mobile.everything}
      closeButtonProps={{ 'aria-label': says.close }}
    >
      <div className={s.more}>
        <LiveSwitch />
        <Navigation onGo={close} />
        <UserMenu openHelp={close} />
      </div>
    </Drawer>
  )
}
