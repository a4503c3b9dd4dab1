import { notifications } from '@mantine/notifications'
import { IconCheck } from '@tabler/icons-react'

/** The result of what the user just did. What needs a decision is never told so. */
export function toast(title: string, message: string) {
  notifications.show({ title, message, icon: <IconCheck size={16} stroke={2.4} /> })
}
