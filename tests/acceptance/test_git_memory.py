"""Git-backed memory with the real git client: files and blocks follow each other both ways."""

import json
import os
import threading
import uuid

import pytest
from letta_client import APIStatusError, Letta

from support.git import Git
from support.processes import Server

OPENAI = "openai-proxy/gpt-4o-mini"
TAG = "git-memory-enabled"


def create(client, **options):
    options = {"model": OPENAI, "memory_blocks": [{"label": "human", "value": "Name: Ada", "description": "The human."},
                                 {"label": "persona", "value": "I am a test agent."}], **options}
    return client.agents.create(tags=[TAG], **options)


def remote(server, agent_id, form="/state.git"):
    return f"{server.url}/v1/git/{agent_id}{form}"


@pytest.fixture
def git_agent(client):
    agent = create(client)
    yield agent
    client.agents.delete(agent.id)


@pytest.fixture
def work(server, git_agent, tmp_path):
    """A clone of the agent's memory."""
    directory = tmp_path / "work"
    directory.mkdir()
    git = Git(directory)
    git("clone", remote(server, git_agent.id), ".")
    return git


def labels(client, agent):
    return sorted(block.label for block in client.agents.blocks.list(agent.id))


def value(client, agent, label):
    return {b.label: b for b in client.agents.blocks.list(agent.id)}[label].value


def test_the_tag_makes_a_repository_with_one_file_per_block(client, git_agent, work):
    assert labels(client, git_agent) == ["system/human", "system/persona"]
    assert TAG in client.agents.retrieve(git_agent.id, include=["agent.tags"]).tags
    assert work("branch", "--show-current") == "main\n"
    assert work("ls-files").split() == ["system/human.md", "system/persona.md"]
    assert work.read("system/human.md") == "---\ndescription: The human.\n---\nName: Ada"


def test_who_was_told_of_the_end_goes_on_while_the_edit_becomes_a_commit(client):
    agent = create(client, tool_rules=[{"type": "exit_loop", "tool_name": "memory_insert"}])
    conversation = client.conversations.create(agent_id=agent.id)
    for i in range(5):  # a conversation that is busy would refuse
        text = '[[call memory_insert {"label":"system/human","new_string":"edit %d"}]]' % i
        events = list(client.conversations.messages.create(
            conversation.id, messages=[{"role": "user", "content": text}]))
        assert events[-2].stop_reason == "tool_rule"
    assert value(client, agent, "system/human").endswith("edit 4")


def test_a_label_that_has_the_prefix_keeps_it(client):
    agent = create(client, memory_blocks=[{"label": "system/human", "value": "x"},
                                          {"label": "notes", "value": "y"}])
    assert labels(client, agent) == ["system/human", "system/notes"]


def test_the_prompt_shows_self_and_memory(client, git_agent):
    prompt = json.loads(client.agents.recompile(git_agent.id))
    assert "<self>\n<projection>$MEMORY_DIR/system/persona.md</projection>" in prompt
    assert "<memory>" in prompt and "Name: Ada" in prompt and "<memory_blocks>" not in prompt


def test_the_tag_can_come_later(client, server, tmp_path):
    agent = client.agents.create(model=OPENAI, tags=["other"],
                                 memory_blocks=[{"label": "human", "value": "v"}])
    client.agents.update(agent.id, tags=["other", TAG])
    assert labels(client, agent) == ["system/human"]
    git = Git(tmp_path)
    git("clone", remote(server, agent.id), "work")
    assert "system/human.md" in git("-C", "work", "ls-files")


def test_a_push_is_seen_by_the_next_request(client, git_agent, work):
    work.write("notes/x.md", "---\ndescription: A note.\nread_only: true\n---\nZanzibar")
    work.write("system/human.md", "---\ndescription: The human.\n---\nName: Grace")
    work("push", "-u", "origin", "main")
    assert labels(client, git_agent) == ["notes/x", "system/human", "system/persona"]
    blocks = {b.label: b for b in client.agents.blocks.list(git_agent.id)}
    assert (blocks["notes/x"].value, blocks["notes/x"].description) == ("Zanzibar", "A note.")
    assert blocks["notes/x"].read_only and blocks["system/human"].value == "Name: Grace"
    prompt = json.loads(client.agents.recompile(git_agent.id))
    assert "<external_projection>" in prompt and "x.md" in prompt and "Zanzibar" not in prompt
    assert "Name: Grace" in prompt


def test_a_file_that_is_gone_detaches_its_block(client, git_agent, work):
    block = {b.label: b for b in client.agents.blocks.list(git_agent.id)}["system/human"]
    work("rm", "-q", "system/human.md")
    work("commit", "-m", "forget")
    work("push", "origin", "main")
    assert labels(client, git_agent) == ["system/persona"]
    assert client.blocks.retrieve(block.id).value == "Name: Ada"


def test_an_empty_tree_is_made_up_for(client, git_agent, work):
    work("rm", "-q", "-r", ".")
    work("commit", "-m", "all gone")
    work("push", "origin", "main")
    assert labels(client, git_agent) == ["system/human", "system/persona"]
    work("pull", "--rebase")
    assert work("ls-files").split() == ["system/human.md", "system/persona.md"]


def test_a_broken_file_harms_no_block(client, git_agent, work):
    (work.directory / "system/human.md").write_bytes(b"\xff\xfe no text")
    (work.directory / "new.md").write_bytes(b"\xff\xfe")
    work.write("system/persona.md", "---\ndescription: [broken\n---\nI am new.")
    work("push", "origin", "main")
    assert labels(client, git_agent) == ["system/human", "system/persona"]
    assert value(client, git_agent, "system/human") == "Name: Ada"
    # Without front matter that can be read, all of it is the value.
    assert value(client, git_agent, "system/persona") == "---\ndescription: [broken\n---\nI am new."
    work("pull", "--rebase")
    assert work.read("system/human.md") == "---\ndescription: The human.\n---\nName: Ada"


def test_edits_and_pushes_at_the_same_time_are_all_there(client, git_agent, work):
    edits = 10

    def edit():
        for i in range(edits):
            client.agents.blocks.update("system/persona", agent_id=git_agent.id, value=f"edit {i}")

    editor = threading.Thread(target=edit)
    editor.start()
    for i in range(edits):
        work.write(f"notes/{i}.md", f"note {i}")
        for _ in range(100):
            if work.try_("push", "origin", "main").returncode == 0:
                break
            work("pull", "--rebase")
        else:
            raise AssertionError("no push came through")
    editor.join()
    assert value(client, git_agent, "system/persona") == f"edit {edits - 1}"
    for i in range(edits):
        assert value(client, git_agent, f"notes/{i}") == f"note {i}"
    work("pull", "--rebase")
    assert work.read("system/persona.md").endswith(f"edit {edits - 1}")
    said = work("log", "--format=%s").splitlines()
    assert said.count("Update system/persona block") == edits
    work("fsck", "--strict")


def test_attached_and_detached_blocks_are_commits(client, git_agent, work):
    block = client.blocks.create(label="notes/shared", value="s")
    client.agents.blocks.attach(block.id, agent_id=git_agent.id)
    work("pull", "--rebase")
    assert work.read("notes/shared.md").endswith("---\ns")
    client.agents.blocks.detach(block.id, agent_id=git_agent.id)
    work("pull", "--rebase")
    assert "notes/shared.md" not in work("ls-files")
    client.agents.blocks.attach(block.id, agent_id=git_agent.id)
    client.blocks.delete(block.id)
    work("pull", "--rebase")
    assert "notes/shared.md" not in work("ls-files")
    assert work("log", "-4", "--format=%s").splitlines() == ["Update notes/shared block"] * 4


def test_edits_are_commits(client, git_agent, work):
    client.agents.blocks.update("system/human", agent_id=git_agent.id, value="Name: Bob")
    client.agents.messages.create(git_agent.id, input=(
        '[[call memory_insert {"label":"system/human","new_string":"Likes tea."}]][[say ok]]'))
    work("pull", "--rebase")
    assert work.read("system/human.md") == "---\ndescription: The human.\n---\nName: Bob\nLikes tea."
    assert work("log", "-2", "--format=%s").splitlines() == ["Update system/human block"] * 2
    client.agents.blocks.update("system/human", agent_id=git_agent.id, value="")
    work("pull", "--rebase")
    assert work.read("system/human.md") == "---\ndescription: The human.\n---\n"


def test_a_block_of_two_agents_is_committed_to_both(client, server, tmp_path):
    shared = client.blocks.create(label="system/shared", value="one")
    agents = [create(client, memory_blocks=[], block_ids=[shared.id]) for _ in range(2)]
    client.blocks.update(shared.id, value="two")
    for agent in agents:
        git = Git(tmp_path)
        git("clone", remote(server, agent.id), agent.id)
        assert (tmp_path / agent.id / "system/shared.md").read_text().endswith("---\ntwo")


def test_skills_and_other_files_are_kept_apart(client, git_agent, work):
    work.write("skills/pdf/SKILL.md", "---\nname: pdf\ndescription: Reads PDF.\n---\nHow to.")
    work.write("skills/pdf/run.py", "print()")
    work.write("README", "no block")
    work("push", "origin", "main")
    assert labels(client, git_agent) == ["skills/pdf", "system/human", "system/persona"]


def test_the_form_that_its_writer_chose_is_kept(client, git_agent, work):
    head = "---\n# mine\nname: x\ndescription:   'The human.'\n---\n"
    work.write("system/human.md", head + "one")
    work("push", "origin", "main")
    client.agents.blocks.update("system/human", agent_id=git_agent.id, value="two")
    work("pull", "--rebase")
    assert work.read("system/human.md") == head + "two"


def test_a_push_that_is_behind_is_rejected_and_rebases(client, git_agent, work):
    work.write("notes/x.md", "mine")
    client.agents.blocks.update("system/human", agent_id=git_agent.id, value="theirs")
    refused = work.try_("push", "origin", "main")
    assert refused.returncode != 0 and "rejected" in refused.stderr
    assert labels(client, git_agent) == ["system/human", "system/persona"]
    work("pull", "--rebase")
    work("push", "origin", "main")
    assert value(client, git_agent, "system/human") == "theirs"
    assert value(client, git_agent, "notes/x") == "mine"


def test_history_is_not_rewritten(git_agent, work):
    work("commit", "--amend", "-m", "rewritten")
    assert work.try_("push", "--force", "origin", "main").returncode != 0
    assert work.try_("push", "origin", ":main").returncode != 0


def test_a_fetch_speaks_version_two(server, git_agent, work):
    trace = work.try_("ls-remote", "origin", GIT_TRACE_PACKET="1", GIT_PROTOCOL="version=2").stderr
    assert "version 2" in trace
    assert "refs/heads/main" in work("-c", "protocol.version=0", "ls-remote", "origin")


def test_the_path_without_state_git_is_the_same(server, git_agent, tmp_path):
    git = Git(tmp_path)
    assert "refs/heads/main" in git("ls-remote", remote(server, git_agent.id, ""))


def test_a_wrong_agent_has_no_repository(client, server, tmp_path):
    git = Git(tmp_path)
    plain = client.agents.create(model=OPENAI)
    for agent_id in (plain.id, f"agent-{uuid.uuid4()}"):
        refused = git.try_("ls-remote", remote(server, agent_id))
        assert refused.returncode != 0
        status, _, _ = server.request("GET", f"/v1/git/{agent_id}/state.git/info/refs?service=git-upload-pack")
        assert status == 404
    status, _, _ = server.request("GET", f"/v1/git/{plain.id}/repositories/x.git/info/refs")
    assert status == 404
    gone = create(client)
    client.agents.delete(gone.id)
    assert git.try_("ls-remote", remote(server, gone.id)).returncode != 0


def test_a_label_that_is_no_path_is_refused(client, git_agent):
    block = client.blocks.create(label="../outside", value="x")
    with pytest.raises(APIStatusError) as refused:
        client.agents.blocks.attach(block.id, agent_id=git_agent.id)
    assert refused.value.status_code == 422
    with pytest.raises(APIStatusError) as refused:
        create(client, memory_blocks=[{"label": "a//b", "value": "x"}])
    assert refused.value.status_code == 422


def test_a_secure_server_asks_git_for_the_password(tmp_path, model):
    (tmp_path / "server").mkdir()
    server = Server(tmp_path / "server", model, env={"REVERIE_PASSWORD": "opensesame"})
    try:
        client = Letta(base_url=server.url, api_key="opensesame", max_retries=0)
        agent = client.agents.create(model="reverie/demo", tags=[TAG],
                                     memory_blocks=[{"label": "human", "value": "x"}])
        (tmp_path / "work").mkdir()
        git = Git(tmp_path / "work")
        path = f"/v1/git/{agent.id}/state.git"
        assert git.try_("ls-remote", server.url + path).returncode != 0
        address = server.url.removeprefix("http://")
        assert "main" in git("ls-remote", f"http://letta:opensesame@{address}{path}")
        assert git.try_("ls-remote", f"http://letta:wrong@{address}{path}").returncode != 0
        basic = "Authorization: Basic bGV0dGE6b3BlbnNlc2FtZQ=="  # as Letta Code sends it
        assert "main" in git("-c", f"http.extraHeader={basic}", "ls-remote", server.url + path)
    finally:
        server.stop()


def test_a_repository_does_not_grow_past_its_bound(tmp_path, model):
    directory = tmp_path / "server"
    directory.mkdir()
    server = Server(directory, model, options=["--git.repository-bytes-max=1048576"])
    try:
        client = Letta(base_url=server.url, api_key="none", max_retries=0)
        agent = create(client, model="reverie/demo")
        (tmp_path / "work").mkdir()
        git = Git(tmp_path / "work")
        git("clone", remote(server, agent.id), ".")
        (git.directory / "large.bin").write_bytes(os.urandom(2 << 20))
        git.write("system/human.md", "---\ndescription: The human.\n---\npushed")
        assert git.try_("push", "origin", "main").returncode != 0
        assert value(client, agent, "system/human") == "Name: Ada"
        client.agents.blocks.update("system/human", agent_id=agent.id, value="edited")
        assert value(client, agent, "system/human") == "edited"
    finally:
        server.stop()


def test_a_backup_has_the_repositories(tmp_path, model):
    directory = tmp_path / "server"
    directory.mkdir()
    server = Server(directory, model)
    try:
        client = Letta(base_url=server.url, api_key="none", max_retries=0)
        agent = create(client, model="reverie/demo")
        client.agents.blocks.update("system/human", agent_id=agent.id, value="saved")
        status, _, body = server.request("POST", "/v1/admin/backup", {"path": str(tmp_path / "copy" / "data")})
        assert status == 200, body
        client.agents.blocks.update("system/human", agent_id=agent.id, value="later")
    finally:
        server.stop()
    restored = Server(tmp_path / "copy", model)
    try:
        client = Letta(base_url=restored.url, api_key="none", max_retries=0)
        assert value(client, agent, "system/human") == "saved"
        git = Git(tmp_path)
        git("clone", remote(restored, agent.id), "work")
        assert git("-C", "work", "show", "HEAD:system/human.md").endswith("---\nsaved")
        assert "Update system/human block" in git("-C", "work", "log", "--format=%s")
        git("-C", "work", "fsck", "--strict")
    finally:
        restored.stop()


def test_memory_and_history_survive_a_kill(tmp_path, model):
    directory = tmp_path / "server"
    directory.mkdir()
    server = Server(directory, model)
    client = Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model="reverie/demo", tags=[TAG],
                                 memory_blocks=[{"label": "human", "value": "x"}])
    client.agents.blocks.update("system/human", agent_id=agent.id, value="y")
    server.kill()
    server = Server(directory, model)
    try:
        git = Git(tmp_path)
        git("clone", remote(server, agent.id), "work")
        assert git("-C", "work", "show", "HEAD:system/human.md").endswith("---\ny")
        assert int(git("-C", "work", "rev-list", "--count", "HEAD")) >= 2
    finally:
        server.stop()
