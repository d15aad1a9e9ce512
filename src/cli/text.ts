import type { FsckProblem, FsckReport } from '../images/index.ts';

/** What the command line says of itself, in the person's language. What Docker says stays in Docker's English. */
export interface Text {
  readonly usage: string;
  readonly tagline: string;
  readonly commands: string;
  readonly managementCommands: string;
  readonly options: string;
  readonly aliases: string;
  readonly globalOptions: { readonly help: string; readonly version: string };
  readonly moreHelp: (command: string) => string;
  readonly groups: Readonly<Record<'image' | 'system', string>>;
  readonly hint: string;
  /** Of a pull that was interrupted, and of any other command. */
  readonly interrupted: string;
  readonly stopped: string;
  readonly summaries: {
    readonly pull: string;
    readonly images: string;
    readonly history: string;
    readonly inspect: string;
    readonly rmi: string;
    readonly search: string;
    readonly tag: string;
    readonly push: string;
    readonly copy: string;
    readonly save: string;
    readonly load: string;
    readonly import: string;
    readonly prune: string;
    readonly login: string;
    readonly logout: string;
    readonly diskUsage: string;
    readonly fsck: string;
    readonly completion: string;
  };
  /** What the help of a command adds to its summary. */
  readonly details: {
    readonly completion: string;
    readonly fsck: string;
  };
  readonly unknownShell: (shell: string, known: string) => string;
  readonly fsck: {
    readonly checking: string;
    readonly unknownFormat: (format: string) => string;
    readonly kinds: Readonly<Record<FsckProblem['kind'], string>>;
    readonly checked: (counts: FsckReport['checked'], size: string) => string;
    /** `wrong` counts all problems, `left` those that are not mended. */
    readonly outcome: (counts: { wrong: number; left: number; repair: boolean }) => string;
  };
  readonly diskUsage: {
    /** The sizes as texts: all images as if nothing were shared, each layer once, the bytes on the disk. */
    readonly sharing: (sizes: { sum: string; layers: string; saved: string; disk: string }) => string;
  };
  /** What a person can do about a failure. */
  readonly remedies: {
    readonly unauthorized: string;
    readonly pushDenied: string;
    readonly rateLimited: string;
    readonly unreachable: string;
    readonly tls: string;
    readonly diskFull: string;
    readonly unwritable: string;
    readonly corrupt: string;
    readonly damaged: string;
    readonly platform: string;
  };
}

/** `1 blob`, `2 blobs` */
function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

const english: Text = {
  usage: 'Usage',
  tagline: 'Container images without Docker: no daemon, no root',
  commands: 'Commands',
  managementCommands: 'Management Commands',
  options: 'Options',
  aliases: 'Aliases',
  globalOptions: { help: 'Print help', version: 'Print version information and quit' },
  moreHelp: (command) => `Run '${command} COMMAND --help' for more information on a command.`,
  groups: { image: 'Manage images', system: 'Manage the store' },
  hint: 'Hint',
  interrupted: 'Interrupted. What was downloaded is kept: pull again to go on from there.',
  stopped: 'Interrupted.',
  summaries: {
    pull: 'Pull an image or a repository from a registry',
    images: 'List images',
    history: 'Show the history of an image',
    inspect: 'Display detailed information on one or more images',
    rmi: 'Remove one or more images',
    search: 'Search a registry for images',
    tag: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    push: 'Push an image or a repository to a registry',
    copy: 'Copy an image between registries, archives and layouts without storing it',
    save: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    load: 'Load images from a tar archive, a layout folder or STDIN',
    import: 'Make an image of the contents of a tarball',
    prune: 'Remove unused images',
    login: 'Sign in to a registry',
    logout: 'Sign out of a registry',
    diskUsage: 'Show how much disk the images use',
    fsck: 'Check every blob, reference and index of the store',
    completion: 'Print the completion script for a shell',
  },
  details: {
    completion: [
      'Load it where your shell starts:',
      "  bash        echo 'source <(strata completion bash)' >> ~/.bashrc",
      "  zsh         echo 'source <(strata completion zsh)' >> ~/.zshrc    (below compinit)",
      '  fish        strata completion fish > ~/.config/fish/completions/strata.fish',
      '  powershell  strata completion powershell | Out-String | Invoke-Expression    (in $PROFILE)',
    ].join('\n'),
    fsck: [
      'Reads every byte of the store. Without --repair it changes nothing.',
      'With --repair it moves blobs whose bytes are wrong to strata/quarantine, makes layer indexes anew,',
      'and removes only what can be made again. What it cannot prove to be broken it leaves as it is.',
      'Exits with 1 while something is wrong, else with 0.',
    ].join('\n'),
  },
  unknownShell: (shell, known) => `unknown shell "${shell}": there are ${known}`,
  fsck: {
    checking: 'Checking',
    unknownFormat: (format) => `unknown format "${format}": there is only "json"`,
    kinds: {
      'store-damaged': 'damaged file',
      'blob-corrupt': 'damaged blob',
      'blob-missing': 'missing blob',
      'blob-stray': 'stray blob',
      'reference-broken': 'broken image',
      'index-damaged': 'damaged index',
      'index-stray': 'stray index',
      'file-unknown': 'unknown file',
    },
    checked: ({ blobs, references, indexes }, size) =>
      `Checked ${count(blobs, 'blob')} (${size}), ${count(references, 'reference')} and ${count(indexes, 'layer index', 'layer indexes')}.`,
    outcome: ({ wrong, left, repair }) => {
      if (wrong === 0) return 'Nothing is wrong.';
      if (!repair) return `${count(wrong, 'problem')}. 'strata fsck --repair' mends what can be mended.`;
      if (left === 0) return `${count(wrong, 'problem')}, all mended.`;
      return `${count(wrong, 'problem')}, ${wrong - left} mended, ${left} left: see above what to do.`;
    },
  },
  diskUsage: {
    sharing: ({ sum, layers, saved, disk }) =>
      `All images together: ${sum}. With each layer counted once: ${layers} (sharing saves ${saved}).\n` +
      `On disk: ${disk}, since layers stay compressed.`,
  },
  remedies: {
    pushDenied:
      'sign in with `strata login` as somebody who may push there, or push to a repository of your own',
    unauthorized:
      'check the name; for a private repository sign in first (`strata login` or Strata: Sign In in VS Code)',
    rateLimited: 'the registry limits anonymous pulls: wait, or sign in to get a higher limit',
    unreachable: 'check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)',
    tls: 'add your company’s CA to caFiles in the configuration file, or the host to insecureHosts if you trust the network',
    diskFull: 'remove images with `strata rmi`, or move the store to another disk with STRATA_ROOT',
    unwritable: 'check the permissions, or choose another folder with STRATA_ROOT',
    corrupt: 'nothing was changed; restore the file from a backup, or choose another store with STRATA_ROOT',
    damaged:
      'the registry or something on the way sent wrong bytes: try again, then tell whoever runs the registry',
    platform: 'choose one of these with --platform',
  },
};

const chinese: Text = {
  usage: '用法',
  tagline: '无需 Docker 的容器镜像工具：不需要守护进程，也不需要 root 权限',
  commands: '命令',
  managementCommands: '管理命令',
  options: '选项',
  aliases: '别名',
  globalOptions: { help: '显示帮助', version: '显示版本信息并退出' },
  moreHelp: (command) => `运行 '${command} COMMAND --help' 查看某个命令的更多信息。`,
  groups: { image: '管理镜像', system: '管理存储' },
  hint: '提示',
  interrupted: '已中断。已下载的内容会保留：再次拉取即可从中断处继续。',
  stopped: '已中断。',
  summaries: {
    pull: '从镜像仓库拉取镜像或整个仓库',
    images: '列出镜像',
    history: '显示镜像的历史',
    inspect: '显示一个或多个镜像的详细信息',
    rmi: '删除一个或多个镜像',
    search: '在镜像仓库中搜索镜像',
    tag: '为镜像添加另一个名称：创建指向 SOURCE_IMAGE 的标签 TARGET_IMAGE',
    push: '将镜像或整个仓库推送到镜像仓库',
    copy: '在镜像仓库、归档和布局之间复制镜像，不经过本地存储',
    save: '将一个或多个镜像保存为 tar 归档（默认输出到 STDOUT）',
    load: '从 tar 归档、布局文件夹或 STDIN 载入镜像',
    import: '用 tar 包的内容制作镜像',
    prune: '删除未使用的镜像',
    login: '登录镜像仓库',
    logout: '退出镜像仓库',
    diskUsage: '显示镜像占用的磁盘空间',
    fsck: '检查存储中的每个 blob、引用和索引',
    completion: '输出某个 shell 的补全脚本',
  },
  details: {
    completion: [
      '在 shell 启动时加载：',
      "  bash        echo 'source <(strata completion bash)' >> ~/.bashrc",
      "  zsh         echo 'source <(strata completion zsh)' >> ~/.zshrc    （放在 compinit 之后）",
      '  fish        strata completion fish > ~/.config/fish/completions/strata.fish',
      '  powershell  strata completion powershell | Out-String | Invoke-Expression    （写入 $PROFILE）',
    ].join('\n'),
    fsck: [
      '读取存储中的每个字节。不带 --repair 时不作任何更改。',
      '带 --repair 时，将内容损坏的 blob 移到 strata/quarantine，重新生成层索引，',
      '并且只删除可以重新生成的内容。无法证明已损坏的内容保持原样。',
      '仍有问题时以 1 退出，否则以 0 退出。',
    ].join('\n'),
  },
  unknownShell: (shell, known) => `未知的 shell "${shell}"：支持 ${known}`,
  fsck: {
    checking: '正在检查',
    unknownFormat: (format) => `未知的格式 "${format}"：只支持 "json"`,
    kinds: {
      'store-damaged': '文件损坏',
      'blob-corrupt': 'blob 损坏',
      'blob-missing': 'blob 缺失',
      'blob-stray': '多余的 blob',
      'reference-broken': '镜像不完整',
      'index-damaged': '索引损坏',
      'index-stray': '多余的索引',
      'file-unknown': '未知文件',
    },
    checked: ({ blobs, references, indexes }, size) =>
      `已检查 ${blobs} 个 blob（${size}）、${references} 个引用和 ${indexes} 个层索引。`,
    outcome: ({ wrong, left, repair }) => {
      if (wrong === 0) return '没有发现问题。';
      if (!repair) return `发现 ${wrong} 个问题。运行 'strata fsck --repair' 可修复其中能够修复的部分。`;
      if (left === 0) return `发现 ${wrong} 个问题，已全部修复。`;
      return `发现 ${wrong} 个问题，已修复 ${wrong - left} 个，剩余 ${left} 个：请按上面的提示处理。`;
    },
  },
  diskUsage: {
    sharing: ({ sum, layers, saved, disk }) =>
      `所有镜像合计：${sum}。每个层只计一次：${layers}（共享节省 ${saved}）。\n` +
      `磁盘占用：${disk}（层以压缩形式保存）。`,
  },
  remedies: {
    pushDenied: '请用 `strata login` 以有推送权限的帐户登录，或推送到您自己的仓库',
    unauthorized: '请检查名称；私有仓库需要先登录（`strata login`，或 VS Code 中的 Strata: 登录）',
    rateLimited: '镜像仓库限制匿名拉取的次数：请稍候再试，或登录以获得更高的限额',
    unreachable: '请检查名称、网络和代理设置（HTTPS_PROXY、NO_PROXY）',
    tls: '请将公司的 CA 加入配置文件的 caFiles；如果信任该网络，也可将主机加入 insecureHosts',
    diskFull: '请用 `strata rmi` 删除镜像，或用 STRATA_ROOT 把存储移到其他磁盘',
    unwritable: '请检查权限，或用 STRATA_ROOT 选择其他文件夹',
    corrupt: '未作任何更改；请从备份恢复该文件，或用 STRATA_ROOT 选择其他存储',
    damaged: '镜像仓库或传输途中发来了错误的数据：请重试；若仍失败，请联系镜像仓库的管理者',
    platform: '请用 --platform 选择其中之一',
  },
};

/** By LC_ALL, LC_MESSAGES and LANG, in that order, as gettext reads them. */
export function textFor(env: Readonly<Record<string, string | undefined>>): Text {
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '');
  return /^zh(?![-_](?:TW|HK|Hant))/i.test(locale ?? '') ? chinese : english;
}
