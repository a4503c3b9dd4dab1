import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'
import c from './mantine.module.css'

const indigo: MantineColorsTuple = [
  '#f4f6ff',
  '#eef0ff',
  '#e0e4ff',
  '#c7ceff',
  '#a5b0ff',
  '#8087ff',
  '#5a5df0',
  '#4240d1',
  '#3533b0',
  '#292889',
]
const gray: MantineColorsTuple = [
  '#f8f8fa',
  '#f1f1f5',
  '#e7e8ed',
  '#d6d7de',
  '#b9bac1',
  '#868893',
  '#646670',
  '#50525e',
  '#2c2d36',
  '#16171d',
]
const dark: MantineColorsTuple = [
  '#f0f1f5',
  '#b3b5c0',
  '#8f919d',
  '#5c5f6b',
  '#343741',
  '#252730',
  '#191b21',
  '#111217',
  '#0d0e13',
  '#0a0b0f',
]

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  colors: { indigo, gray, dark },
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 6 },
  white: '#ffffff',
  black: '#16171d',
  defaultRadius: 9,
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  radius: { xs: '5px', sm: '7px', md: '9px', lg: '12px', xl: '16px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '15px', xl: '17px' },
  components: {
    Button: {
      defaultProps: { size: 'sm', variant: 'filled' },
      classNames: { root: c.button, label: c.buttonLabel, section: c.buttonSection },
    },
    ActionIcon: {
      defaultProps: { variant: 'subtle', size: 30 },
      classNames: { root: c.actionIcon },
    },
    TextInput: {
      classNames: {
        input: c.input,
        label: c.label,
        description: c.desc,
        error: c.error,
        section: c.section,
      },
    },
    NumberInput: {
      classNames: {
        input: c.input,
        label: c.label,
        description: c.desc,
        error: c.error,
        section: c.section,
      },
    },
    Select: {
      classNames: {
        input: c.input,
        label: c.label,
        dropdown: c.dropdown,
        option: c.option,
        section: c.section,
      },
    },
    NativeSelect: {
      classNames: { input: c.input, label: c.label, section: c.section },
    },
    SegmentedControl: {
      defaultProps: { radius: 9 },
      classNames: {
        root: c.seg,
        indicator: c.segIndicator,
        label: c.segLabel,
        control: c.segControl,
      },
    },
    Switch: {
      defaultProps: { withThumbIndicator: false },
      classNames: {
        track: c.switchTrack,
        thumb: c.switchThumb,
        label: c.switchLabel,
        body: c.switchBody,
      },
    },
    Modal: {
      defaultProps: {
        radius: 16,
        overlayProps: { color: 'var(--scrim)', backgroundOpacity: 1, blur: 3 },
        transitionProps: { transition: 'pop', duration: 180 },
      },
      classNames: {
        inner: c.modalInner,
        content: c.modal,
        header: c.modalHeader,
        title: c.modalTitle,
        body: c.modalBody,
        close: c.close,
      },
    },
    Drawer: {
      defaultProps: { overlayProps: { color: 'var(--scrim)', backgroundOpacity: 1, blur: 0 } },
      classNames: {
        content: c.drawer,
        header: c.drawerHeader,
        title: c.drawerTitle,
        body: c.drawerBody,
        close: c.close,
      },
    },
    Menu: {
      defaultProps: {
        shadow: 'none',
        radius: 12,
        transitionProps: { duration: 120, transition: 'pop-top-left' },
      },
      classNames: {
        dropdown: c.dropdown,
        item: c.menuItem,
        label: c.menuLabel,
        divider: c.menuDivider,
      },
    },
    Popover: { classNames: { dropdown: c.dropdown } },
    Tooltip: {
      defaultProps: { openDelay: 250, transitionProps: { duration: 100 }, offset: 6 },
      classNames: { tooltip: c.tooltip },
    },
    Skeleton: { defaultProps: { radius: 6 }, classNames: { root: c.skeleton } },
    Slider: {
      classNames: {
        track: c.sliderTrack,
        bar: c.sliderBar,
        thumb: c.sliderThumb,
        markLabel: c.sliderMark,
      },
    },
    Kbd: { classNames: { root: c.kbd } },
    Notification: {
      classNames: {
        root: c.toast,
        title: c.toastTitle,
        description: c.toastDesc,
        icon: c.toastIcon,
      },
    },
    Tabs: { classNames: { tab: c.tab, list: c.tabList } },
  },
})

export const resolver: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-body': 'var(--panel)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-3)',
    '--mantine-color-default-border': 'var(--line-2)',
    '--mantine-color-default': 'var(--panel)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-placeholder': 'var(--text-3)',
    '--mantine-color-error': 'var(--bad-text)',
    '--mantine-color-anchor': 'var(--brand-text)',
  },
  light: {},
  dark: {},
})
