/** The apps that people pay by, and how the addresses that they give end. */
export const UPI_APPS = [
  { id: 'gpay', name: 'Google Pay', handles: ['okhdfcbank', 'okicici', 'okaxis', 'oksbi'] },
  { id: 'phonepe', name: 'PhonePe', handles: ['ybl', 'ibl', 'axl'] },
  { id: 'paytm', name: 'Paytm', handles: ['ptyes', 'ptaxis', 'pthdfc', 'ptsbi'] },
  { id: 'bhim', name: 'BHIM', handles: ['upi'] },
] as const

export type UpiApp = (typeof UPI_APPS)[number]

const UPI_ID = /^[a-z0-9._-]{2,256}@[a-z][a-z0-9]{1,63}$/i

/** Whether it has the form of a UPI address. Whether there is such a one, only the bank knows. */
export const isUpiId = (text: string) => UPI_ID.test(text)

/** The app whose addresses end so. */
export function appOf(text: string): UpiApp | undefined {
  const handle = text.split('@')[1]?.toLowerCase()
  return UPI_APPS.find(({ handles }) => (handles as readonly string[]).includes(handle ?? ''))
}

/** The same name at that handle; nothing as long as there is no name. */
export function withHandle(text: string, handle: string): string {
  const [name] = text.split('@')
  return name ? `${name}@${handle}` : ''
}
