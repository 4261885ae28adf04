"""Readable differences between two SavedModels in canonical form."""

import difflib

from google.protobuf import text_format

import canonical

LONGEST_VALUE = 240


def saved_model_differences(ours, theirs):
    """A list of sentences, empty when the canonical forms are equal.

    Both messages are brought to canonical form in place.
    """
    canonical.canonicalize(ours)
    canonical.canonicalize(theirs)
    found = []
    _compare_fields(found, "saved_model", ours, theirs, skip=("meta_graphs",))
    our_tags, their_tags = _tag_sets(ours), _tag_sets(theirs)
    if our_tags != their_tags:
        _differ(found, "tag sets in order", our_tags, their_tags)
    for our_graph in ours.meta_graphs:
        for their_graph in theirs.meta_graphs:
            if _tags(our_graph) == _tags(their_graph):
                _compare_meta_graphs(found, "meta_graph [%s]" % _tags(our_graph), our_graph, their_graph)
    our_bytes, their_bytes = canonical.to_bytes(ours), canonical.to_bytes(theirs)
    if not found and our_bytes != their_bytes:
        found.append("saved_model: the canonical bytes differ (%s)" % first_difference(our_bytes, their_bytes))
    return found


def first_difference(ours, theirs):
    """Where two byte strings part."""
    if len(ours) != len(theirs):
        return "ours has %d bytes, python's %d" % (len(ours), len(theirs))
    position = next(index for index in range(len(ours)) if ours[index] != theirs[index])
    return "first at byte %d of %d" % (position, len(ours))


def _tags(meta_graph):
    return ",".join(meta_graph.meta_info_def.tags)


def _tag_sets(saved_model):
    return [_tags(meta_graph) for meta_graph in saved_model.meta_graphs]


def _differ(found, where, ours, theirs):
    found.append("%s: ours %s, python's %s" % (where, _shorten(ours), _shorten(theirs)))


def _shorten(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def _text(message):
    return "{%s}" % text_format.MessageToString(message, as_one_line=True).strip()


def _compare_meta_graphs(found, where, ours, theirs):
    _compare_fields(
        found, where, ours, theirs, skip=("meta_info_def", "graph_def", "collection_def", "signature_def")
    )
    _compare_fields(
        found,
        where + " meta_info_def",
        ours.meta_info_def,
        theirs.meta_info_def,
        skip=("stripped_op_list",),
    )
    _compare_named(
        found, where + " op", ours.meta_info_def.stripped_op_list.op, theirs.meta_info_def.stripped_op_list.op
    )
    _compare_fields(found, where + " graph", ours.graph_def, theirs.graph_def, skip=("node", "library"))
    _compare_named(found, where + " node", ours.graph_def.node, theirs.graph_def.node)
    our_library, their_library = ours.graph_def.library, theirs.graph_def.library
    _compare_named(
        found,
        where + " function",
        sorted(our_library.function, key=lambda function: function.signature.name),
        sorted(their_library.function, key=lambda function: function.signature.name),
        name=lambda function: function.signature.name,
    )
    _compare_fields(found, where + " library", our_library, their_library, skip=("function",))
    _compare_collections(found, where, ours.collection_def, theirs.collection_def)
    _compare_maps(found, where + " signature", ours.signature_def, theirs.signature_def)


def _compare_named(found, where, ours, theirs, name=lambda item: item.name):
    """Compares two sequences of named messages, their order included."""
    our_names, their_names = [name(item) for item in ours], [name(item) for item in theirs]
    theirs_by_name = dict(zip(their_names, theirs))
    ours_by_name = dict(zip(our_names, ours))
    missing = [item for item in their_names if item not in ours_by_name]
    extra = [item for item in our_names if item not in theirs_by_name]
    for item in missing:
        found.append("%s %s (%s): missing" % (where, item, getattr(theirs_by_name[item], "op", "")))
    for item in extra:
        found.append("%s %s (%s): only in ours" % (where, item, getattr(ours_by_name[item], "op", "")))
    if not missing and not extra and our_names != their_names:
        matcher = difflib.SequenceMatcher(None, our_names, their_names, autojunk=False)
        change = next(codes for codes in matcher.get_opcodes() if codes[0] != "equal")
        _differ(
            found,
            "%s order from position %d" % (where, change[1]),
            our_names[change[1] : change[2] + 1],
            their_names[change[3] : change[4] + 1],
        )
    for item in our_names:
        if item in theirs_by_name:
            _compare_messages(found, "%s %s" % (where, item), ours_by_name[item], theirs_by_name[item])


def _compare_collections(found, where, ours, theirs):
    for key in sorted(set(ours) | set(theirs)):
        place = "%s collection %s" % (where, key)
        if key not in theirs:
            found.append("%s: only in ours %s" % (place, _shorten(_text(ours[key]))))
        elif key not in ours:
            found.append("%s: missing, python's %s" % (place, _shorten(_text(theirs[key]))))
        elif ours[key] != theirs[key]:
            our_items, their_items = _decoded(key, ours[key]), _decoded(key, theirs[key])
            _compare_items(found, place, our_items, their_items)


def _decoded(key, collection):
    """The items of a collection as text, serialized messages decoded."""
    kind = collection.WhichOneof("kind")
    if kind is None:
        return ["no kind"]
    items = ["kind " + kind]
    for value in getattr(collection, kind).value:
        if kind == "bytes_list" and key in canonical.BYTES_COLLECTIONS:
            message = canonical.BYTES_COLLECTIONS[key]()
            message.ParseFromString(value)
            # Bytes that the message would not be written as again are shown, since they are what differs.
            stable = canonical.to_bytes(message) == value
            items.append(_text(message) if stable else "%s from bytes %s" % (_text(message), value.hex()))
        elif kind == "any_list":
            items.append(_text(value))
        else:
            items.append(repr(value))
    return items


def _compare_items(found, where, ours, theirs):
    if len(ours) != len(theirs):
        _differ(found, where, ours, theirs)
        return
    for index, (our_item, their_item) in enumerate(zip(ours, theirs)):
        if our_item != their_item:
            _differ(found, "%s item %d" % (where, index - 1), our_item, their_item)


def _compare_maps(found, where, ours, theirs):
    for key in sorted(set(ours) | set(theirs)):
        place = "%s %s" % (where, key)
        if key not in theirs:
            found.append("%s: only in ours %s" % (place, _shorten(_text(ours[key]))))
        elif key not in ours:
            found.append("%s: missing, python's %s" % (place, _shorten(_text(theirs[key]))))
        else:
            _compare_messages(found, place, ours[key], theirs[key])


def _compare_messages(found, where, ours, theirs):
    if canonical.to_bytes(ours) != canonical.to_bytes(theirs):
        before = len(found)
        _compare_fields(found, where, ours, theirs)
        if len(found) == before:
            found.append("%s: unknown fields or their order differ" % where)


def _compare_fields(found, where, ours, theirs, skip=()):
    """Compares all fields of two messages of one type; attr values and tensor infos are shown whole."""
    for field in ours.DESCRIPTOR.fields:
        if field.name in skip:
            continue
        place = "%s %s" % (where, field.name)
        our_value, their_value = getattr(ours, field.name), getattr(theirs, field.name)
        if field.label == field.LABEL_REPEATED:
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                if field.message_type.fields_by_name["value"].message_type is None:
                    if dict(our_value) != dict(their_value):
                        _differ(found, place, dict(our_value), dict(their_value))
                else:
                    _compare_attrs(found, place, our_value, their_value)
            elif field.name == "node_def":
                _compare_named(found, place, our_value, their_value)
            elif list(our_value) != list(their_value):
                _differ(found, place, _list_text(field, our_value), _list_text(field, their_value))
        elif field.message_type is not None:
            our_set, their_set = ours.HasField(field.name), theirs.HasField(field.name)
            pairs = [(our_value, our_set), (their_value, their_set)]
            if our_set != their_set:
                texts = [_text(value) if value_set else "absent" for value, value_set in pairs]
                _differ(found, place, *texts)
            elif canonical.to_bytes(our_value) != canonical.to_bytes(their_value):
                _compare_messages(found, place, our_value, their_value)
        elif our_value != their_value:
            _differ(found, place, repr(our_value), repr(their_value))


def _list_text(field, values):
    return "[%s]" % ", ".join(_text(value) if field.message_type is not None else repr(value) for value in values)


def _compare_attrs(found, where, ours, theirs):
    for key in sorted(set(ours) | set(theirs)):
        our_text = _text(ours[key]) if key in ours else "absent"
        their_text = _text(theirs[key]) if key in theirs else "absent"
        if our_text != their_text:
            _differ(found, "%s %s" % (where, key), our_text, their_text)
        elif key in ours and key in theirs and canonical.to_bytes(ours[key]) != canonical.to_bytes(theirs[key]):
            hexes = [canonical.to_bytes(value[key]).hex() for value in (ours, theirs)]
            _differ(found, "%s %s bytes" % (where, key), *hexes)
