import { describe, expect, it } from 'vitest';
import { buildWeb } from '../support/demo/web.ts';
import { blobs, createGate, holdUntil } from '../support/registry/index.ts';
import { useStage } from './stage.ts';

const stage = useStage();

/** Strata's words only: code-server itself has no Chinese without the marketplace. */
describe('a window in Chinese', () => {
  it('speaks Chinese in views, commands, questions, messages and the panel', async () => {
    const web = buildWeb('1.1');
    const name = await stage.push('chinese/web', web);
    const gate = createGate();
    const held = blobs(web.layers[0]?.descriptor.digest);
    stage.registry.faults.add({ match: held, action: holdUntil(gate.opened) });
    const window = await stage.open({ language: 'zh-cn' });
    for (const view of ['容器', '镜像仓库']) await window.viewHeader(view).click();
    await window.treeItem('镜像仓库 Docker Hub').waitFor();
    await window.screenshot('chinese-1-empty');
    for (const view of ['容器', '镜像仓库']) await window.viewHeader(view).click();

    await window.runCommand('Strata: 拉取镜像…');
    await window.typeInput('Alpine', false);
    await window.options().filter({ hasText: '必须' }).waitFor();
    await window.screenshot('chinese-2-invalid-name');
    await window.typeInput(name);
    await window.treeItem(new RegExp(`^正在拉取 ${name}`)).waitFor();
    await window
      .treeItem(/[0-9a-f]{12}，/)
      .first()
      .waitFor();
    await window.screenshot('chinese-3-progress');
    gate.open();
    const row = window.treeItem(/^镜像 .*chinese\/web:latest/);
    await row.waitFor();
    await window.notification(name).waitFor();
    await window.unfold(row);
    await row.click({ button: 'right' });
    await window.menuItem('复制名称').waitFor();
    await window.screenshot('chinese-4-context-menu');
    await window.page.keyboard.press('Escape');

    await row.click();
    const panel = window.webviewFrame();
    for (const tab of ['概览', '层', '历史', '检查']) {
      await panel.getByRole('tab', { name: tab }).click();
      await panel.getByRole('tab', { name: tab, selected: true }).waitFor();
      await window.screenshot(`chinese-5-panel-${tab}`);
    }
    await window.contextMenu(row, '删除镜像…');
    const dialog = window.dialog('删除镜像');
    await dialog.waitFor();
    await window.screenshot('chinese-6-delete');
    await dialog.getByRole('button', { name: '删除镜像' }).click();
    await expect.poll(() => row.count()).toBe(0);

    await window.runCommand('Strata: 拉取镜像…');
    await window.typeInput(`${stage.host}/no/such:1`);
    await window.notification('没有').getByRole('button', { name: '显示日志' }).waitFor();
    await window.screenshot('chinese-7-failure');
  });
});
