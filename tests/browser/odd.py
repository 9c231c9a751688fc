"""HTML of forms as it is seldom written, and is all the same: a browser reads it in one way."""

from __future__ import annotations

#: Name → the inside of a form.
ODD = {
    "unquoted": "<INPUT NAME=a VALUE=x><TextArea NAME=c>t</TextArea>"
    "<SELECT name=d><OPTION>one<OPTION SELECTED>two</SELECT>",
    "entities": '<input name="a&amp;b" value="&lt;&quot;&eacute;&notin;&not">'
    '<input name=c value=a&b><select name=d><option value="&#65;">A</option>'
    '<option value="B&amp;">B</select>',
    "twice": '<input name="a" name="b" value="1" value="2"><input type=checkbox type=text name=c>',
    "unknown types": '<input type="foo" name=a><input type="" name=b>'
    '<input type=" checkbox" name=d>',
    "flags": '<input name=a type=checkbox checked="false"><select name=b multiple="no">'
    "<option selected=no>1<option>2</select><input name=c disabled=false>",
    "groups": "<select name=a multiple><optgroup disabled label=x><option selected>1<option>2"
    "</optgroup><option>3<option disabled selected>4</select>"
    "<select name=b><optgroup disabled><option>1</optgroup><optgroup><option>2<option>3</select>",
    "disabled first": '<select name=a><option disabled selected value="">Choose<option>1</select>',
    "all disabled": "<select name=a><option disabled>1</select><input name=a value=2>",
    "sizes": "<select size=4 name=a><option>1<option>2</select><select size=x name=a><option>1"
    "<option>3</select><select size=1 name=a><option>2<option>3</select>",
    "options": "<select name=a><option><b>bold</b> x<option>a<!-- c -->b<option>a&amp;b"
    "<option label=L>  a   b \n c <option>\u00a0a<hr><option value>x</select>",
    "legends": "<fieldset disabled><legend><input name=a value=1></legend><input name=b>"
    "<legend><input name=a value=2></legend></fieldset><input name=a value=3>",
    "fieldsets": "<fieldset disabled><legend>x<fieldset><input name=a></fieldset>"
    "<fieldset disabled><legend><input name=b></legend><input name=b></fieldset></legend>"
    "<input name=b></fieldset><input name=b>",
    "text areas": "<textarea name=a>\n\nx\n</textarea><textarea name=b> a<b>c</b><!-- --> &amp; "
    "</textarea><TEXTAREA NAME=e>\n</TEXTAREA >",
    "comments": "<!-- <input name=a value=1> --><input name=a value=2><?x <input name=a> ?>",
    "templates": "<template><input name=a><textarea></template></textarea></template>"
    "<input name=a>",
    "scripts": '<script>"<input name=a>"</script><style><input name=a></style><input name=a>',
    "svg": "<svg><title>x</title><rect/><foreignObject><input name=a></foreignObject></svg>"
    "<input name=a><math><mi>x</mi></math>",
    "details": "<details><summary>x<input name=a></summary><input type=checkbox name=b></details>",
    "data lists": "<input name=a list=L><datalist id=L><option value=1><option value=2></datalist>"
    "<select name=b><option>1<option>2</select>",
    "outputs": "<output name=a>5</output><meter name=a value=.5></meter><progress name=a>"
    "</progress><object name=a></object><input name=a>",
    "inputs": '<input type=range name=a min=0 max=10><input type=color name=b value="#112233">'
    "<input type=month name=c><input type=week name=d><input type=datetime-local name=e>"
    "<input type=tel name=f><input type=search name=g><input type=date name=h>"
    "<input type=time name=i><input type=number name=l>",
    "buttons": "<button name=s value=1>A</button><input type=submit name=s value=2>"
    "<input type=image name=i src=x><button type=button name=s value=3>b</button>"
    "<input type=reset name=s value=6><input name=s><button formaction=?x name=s>C</button>",
    "labels": "<label>A <label>B <input name=a></label></label><label><input type=checkbox name=a>",
    "without names": '<input value=1><input name="" value=2><input name=a><textarea name="">x'
    "</textarea>",
    "radios": "<input type=radio name=a value=1><input type=radio name=a value=2 checked>"
    "<input type=radio name=A value=1><input type=radio name=a value=3 disabled>",
    "hidden": "<input type=hidden name=a value=1><input type=checkbox name=a value=1>"
    "<input name=a>",
    "other forms": '<input form=other name=a value=1><input name=a><input form="" name=a>'
    "<select form=other name=a><option>9</select><input form=odd name=a>",
    "tables": "<table><tr><td><input name=a value=1><tr><td><input name=a value=2></table>",
    "end tags": "</select></option></textarea></fieldset></legend><input name=a></p></div></label>"
    "<ul><li><input name=a><li><input name=a></ul><dl><dt>x<dd><input name=a></dl>",
    "slashes": "<input name=a value=1/><input name=a /><input name='a'value='2'><br/>",
    "spaces": "<input name = a value = 1><input title='a > b' name=a><input name=' a '>",
    "one of many": "<select multiple size=1 name=a><option>1<option>2</select><select name=a>"
    "<option selected>1<option selected>2<option>3</select>",
    "alphabets": '<input name="☃" value="😀"><select name="名"><option>é<option>\u3000y</select>',
}

#: Does something to each control that a person can use, other things for another seed.
ENTER = r"""(seed) => {
  const next = (n) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
  const texts = ['x"y', "<&>", "1", "", " z ", "\u00e9\ud83d\ude00"];
  const values = { number: "7", range: "7", color: "#aabbcc", date: "2025-03-04", time: "11:05",
    month: "2025-04", week: "2025-W07", "datetime-local": "2025-03-01T11:05" };
  for (const one of document.querySelector("#odd").elements) {
    if (one.matches(":disabled")) continue;
    if (one.type === "checkbox") one.checked = next(2) === 1;
    else if (one.type === "radio") one.checked ||= next(2) === 1;
    else if (one.tagName === "SELECT") {
      const able = [...one.options].filter((option) => !option.matches(":disabled"));
      if (one.multiple) for (const option of able) option.selected = next(2) === 1;
      else if (able.length) able[next(able.length)].selected = true;
    } else if (one.type in values) one.value = values[one.type];
    else if (["text", "search", "tel", "textarea"].includes(one.type)) one.value = texts[next(6)];
  }
}"""

#: What the form sends, and how each control stands that a person can use.
STATE = r"""() => {
  const form = document.querySelector("#odd");
  const named = [...form.elements].filter((one) => one.name);
  const used = named.filter((one) => one.type !== "hidden");
  return [[...new FormData(form)], used.map((one) => [one.name, one.type, one.checked ?? null,
    one.options ? [...one.options].map((option) => option.selected) : one.value ?? null])];
}"""
