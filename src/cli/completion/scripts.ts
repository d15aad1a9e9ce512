import { script } from '@bomb.sh/tab';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

const PROGRAM = 'strata';

/**
 * Prints what a shell must load. @bomb.sh/tab has the scripts; for bash there is an own one, because tab's needs the
 * package bash-completion and takes names with a colon apart. See docs/decisions/006.
 */
export function printScript(shell: Shell, write: (text: string) => void): void {
  if (shell === 'bash') write(BASH);
  // It prints by itself, to standard output.
  else script(shell, PROGRAM, PROGRAM);
}

/**
 * The line goes over as it was typed, so that nothing of it is run. bash begins a new word behind `:` and `=`, and
 * replaces only that one ($2): what stands before it is left out of the answers.
 */
const BASH = `# bash completion for strata

_strata_complete() {
    local line directive=4
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :[0-9] | :[0-9][0-9]) directive=\${line#:} ;;
            *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
        esac
    done < <(strata complete --line="\${COMP_LINE:0:COMP_POINT}" --word="$2" 2>/dev/null)
    if type compopt >/dev/null 2>&1; then
        if ((directive & 2)); then compopt -o nospace; fi
        if ((directive & 4)); then compopt +o default; fi
    fi
}

complete -o default -F _strata_complete strata
`;
