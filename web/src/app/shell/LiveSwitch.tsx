import { useLive, type LiveState } from '@/react'
import { Tooltip } from '@/ui/kit'
import s from './shell.module.css'

const SAYS: Record<LiveState, { word: string; hint: string }> = {
  connecting: { word: 'Connecting', hint: 'Looking for the live stream.' },
  live: {
    word: 'Live',
    hint: 'Balance and transactions update as they happen. Press to pause.',
  },
  reconnecting: {
    word: 'Reconnecting',
    hint: 'The connection was lost. What happens meanwhile is caught up with.',
  },
  paused: { word: 'Paused', hint: 'Press to follow what happens again.' },
  refused: { word: 'Not live', hint: 'The server does not let this session follow events.' },
}

/** Says whether the page follows what happens; a press pauses it. */
export function LiveSwitch() {
  const { state, isPaused, pause, resume } = useLive()
  const { word, hint } = SAYS[state]
  return (
    <Tooltip label={hint}>
      <button
        type="button"
        className={s.live}
        data-state={state}
        aria-pressed={!isPaused}
        aria-label={`Live updates: ${word}`}
        onClick={isPaused ? resume : pause}
      >
        <span className={s.liveDot} />
        {word}
      </button>
    </Tooltip>
  )
}
