/** The few words that parts of the kit bring with them. */
export const says = {
  cancel: 'Cancel',
  close: 'Close',
  credits: ' credits',
  loading: 'Loading',
  nothingChanged: 'Nothing was changed.',
  notKnown: 'It is not known whether it was done.',
  confirm: (typed: string) => `Type “${typed}” to go on`,
  copy: {
    act: 'Copy',
    done: 'Copied',
    id: (shown: string, label: string) => `${shown}, copy ${label}`,
    idDone: (shown: string, label: string) => `${shown}, copied ${label}`,
  },
  unsaved: {
    text: 'What you typed is not saved.',
    keep: 'Keep editing',
    discard: 'Discard',
  },
  failed: {
    again: 'Try again',
    here: 'Something went wrong in this page. Nothing was changed.',
    requestId: 'request ID',
  },
  secret: { stored: 'I have stored it', done: 'Done' },
  walk: {
    before: (what: string) => `Previous ${what}`,
    after: (what: string) => `Next ${what}`,
  },
  csv: { all: 'Export CSV', of: (what: string) => `${what} as CSV` },
  toast: { undo: 'Undo', dismiss: 'Dismiss' },
  categories: {
    AI: 'AI',
    STORAGE: 'Storage',
    API: 'API',
    COMMUNITY: 'Community',
    WEBHOOKS: 'Webhooks',
    QUEUE: 'Queue',
    OTHER: 'Other',
  },
}
