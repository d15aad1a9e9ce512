export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
type Shell = (typeof SHELLS)[number];

/**
 * Prints what a shell must load. Ours are for the shells that our tests can run: those of @bomb.sh/tab take names with
 * a colon apart. PowerShell's is tab's, which prints it to standard output by itself. See docs/decisions/006.
 */
export async function printScript(shell: Shell, write: (text: string) => void): Promise<void> {
  if (shell !== 'powershell') {
    write(SCRIPTS[shell]);
    return;
  }
  // Loaded for this alone: every other command is quicker without.
  const tab = await import('@bomb.sh/tab');
  tab.script(shell, 'strata', 'strata');
}

/**
 * bash begins a new word behind `:` and `=`, and replaces only that one ($2): what stands before it is left out of the
 * answers. The line goes over as it was typed, so that nothing of it is run.
 */
const BASH = `# bash completion for strata

_strata() {
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

complete -o default -F _strata strata
`;

/** Works where it is sourced below compinit, and as the file _strata in a folder of fpath. */
const ZSH = `#compdef strata
# zsh completion for strata

_strata() {
    local line value description directive=4
    local -a candidates options
    while IFS= read -r line; do
        if [[ $line == :<-> ]]; then
            directive=\${line#:}
        else
            # _describe parts the two at the first colon without a backslash.
            value=\${line%%$'\\t'*}
            description=\${\${line:$#value}#$'\\t'}
            candidates+=("\${value//:/\\\\:}\${description:+:$description}")
        fi
    done < <(strata complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
    if [[ $PREFIX == --*=* ]]; then compset -P '*='; fi
    if ((directive & 2)); then options=(-S ''); fi
    if (($#candidates)); then
        _describe -t strata strata candidates "\${(@)options}"
    elif ! ((directive & 4)); then
        _files
    fi
}

if [[ $funcstack[1] == _strata ]]; then
    _strata "$@"
else
    compdef _strata strata
fi
`;

/** fish puts no space behind \`=\` by itself. */
const FISH = `# fish completion for strata

function __strata_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc) "$typed"
    set -l option (string match -r -- '^--[^=]+=' "$typed")
    set -l directive 4
    set -l found 0
    for line in (strata complete -- $words[2..-1] 2>/dev/null)
        if string match -qr '^:[0-9]+$' -- $line
            set directive (string sub -s 2 -- $line)
        else
            set found 1
            printf '%s%s\\n' "$option" $line
        end
    end
    if test $found -eq 0 -a $directive -eq 0
        for path in (__fish_complete_path (string replace -- "$option" '' "$typed"))
            printf '%s%s\\n' "$option" $path
        end
    end
end

complete -c strata -e
complete -c strata -f -a '(__strata_complete)'
`;

const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
