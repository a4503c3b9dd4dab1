import { useLive } from '@/react'
import { Tooltip } from '@/ui/kit'
import { says } from '../messages'
import s from './shell.module.css'

/** Says whether the page follows what happens; a press pauses it. */
export function LiveSwitch() {
  const { state, isPaused, pause, resume } = useLive()
  const { word, hint } = says.live[state]
  return (
    <Tooltip label={hint}>
      <button
        type="button"
        className={s.live}
        data-state={state}
        aria-pressed={!isPaused}
        aria-label={says.live.label(word)}
        onClick={isPaused ? resume : pause}
      >
        <span className={s.liveDot} />
        {word}
      </button>
    </Tooltip>
  )
}
