// Clipboard HTML in the shape Word, Google Docs and a spreadsheet write it, shortened; the words are invented.

const word = (body: string) => `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=ProgId content=Word.Document><!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]--><style><!-- /* Style Definitions */ p.MsoNormal, li.MsoNormal {mso-style-unhide:no; margin:0cm; font-family:"Calibri",sans-serif;} @list l0 {mso-list-id:1;} --></style></head><body lang=EN-GB style='tab-interval:36.0pt;word-wrap:break-word'><!--StartFragment-->${body}<!--EndFragment--></body></html>`;

export const wordPage = word(`
<h1 style='margin-top:12.0pt'><b><span lang=EN-US style='mso-ansi-language:EN-US;color:#2F5496'>Heat and temperature<o:p></o:p></span></b></h1>
<p class=MsoNormal><span style='font-size:12.0pt;font-family:"Times New Roman",serif;color:red'>Water <b>boils</b> at
<i style='mso-bidi-font-style:normal'>100&nbsp;°C</i> at&nbsp;sea level. See <a href="https://tables.example/heat"><span style='color:windowtext;text-decoration:underline'>the tables</span></a>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<h2><span style='font-weight:bold'>Formula<o:p></o:p></span></h2>
<p class=MsoNormal>H<sub>2</sub>O and x<sup>2</sup>, <u>underlined</u>, <s>gone</s><span style='mso-hide:all;display:none'>hidden</span><o:p></o:p></p>`);

const bullet = (level: number, text: string, list = "l0") => `<p class=MsoListParagraphCxSpMiddle style='margin-left:${level * 36}.0pt;text-indent:-18.0pt;mso-list:${list} level${level} lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-fareast-font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>${text}<o:p></o:p></p>\n`;
const numbered = (sign: string, text: string) => `<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span style='mso-bidi-font-family:Calibri'><span style='mso-list:Ignore'>${sign}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>${text}<o:p></o:p></p>\n`;

export const wordList = word(`
<p class=MsoNormal>You need:<o:p></o:p></p>
${bullet(1, "A kettle")}${bullet(2, "with a lid")}${bullet(2, "of <b>steel</b>")}${bullet(1, "A thermometer")}${numbered("3.", "Fill it")}${numbered("4.", "Boil it")}
<p class=MsoNormal>Done.<o:p></o:p></p>`);

export const wordTable = word(`
<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse;mso-yfti-tbllook:1184'><thead>
<tr style='mso-yfti-irow:0;mso-yfti-firstrow:yes'><td width=301 valign=top style='width:225.4pt;border:solid windowtext 1.0pt'><p class=MsoNormal><b>Place<o:p></o:p></b></p></td><td width=301><p class=MsoNormal><b>Boils at<o:p></o:p></b></p></td></tr></thead>
<tr><td colspan=2 style='background:#D9E2F3'><p class=MsoNormal>Sea level<o:p></o:p></p></td></tr>
<tr><td><p class=MsoNormal>Summit<o:p></o:p></p></td><td><p class=MsoNormal><o:p>&nbsp;</o:p></p></td></tr></table>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>`);

export const wordFootnotes = word(`
<p class=MsoNormal>As measured<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span class=MsoFootnoteReference><span style='mso-special-character:footnote'><span class=MsoFootnoteReference><span style='font-size:11.0pt'>[1]</span></span></span></span></a> before.<o:p></o:p></p>
<div style='mso-element:footnote-list'><br clear=all><hr align=left size=1 width="33%"><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1" name="_ftn1" title=""><span class=MsoFootnoteReference><span style='mso-special-character:footnote'>[1]</span></span></a> By Fahrenheit.<o:p></o:p></p></div></div>`);

const run = (style: string, text: string) => `<span style="font-size:11pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;${style};white-space:pre-wrap;">${text}</span>`;
const plain = "font-weight:400;font-style:normal;font-variant:normal;text-decoration:none;vertical-align:baseline";

export const docsPage = `<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1a2b3c4d-7fff-0000"><h2 dir="ltr" style="line-height:1.38;margin-top:18pt;">${run("font-weight:700;font-style:normal;text-decoration:none", "Plan")}</h2><p dir="ltr" style="line-height:1.38;margin-top:0pt;margin-bottom:0pt;">${run(plain, "Plain, ")}${run("font-weight:700;font-style:normal;text-decoration:none", "bold")}${run(plain, ", ")}${run("font-weight:400;font-style:italic;text-decoration:none", "italic")}${run(plain, " and ")}<a href="https://example.org/" style="text-decoration:none;">${run("font-weight:400;font-style:normal;text-decoration:underline;color:#1155cc", "a link")}</a>${run(plain, ".")}</p><br><ul style="margin-top:0;margin-bottom:0;padding-inline-start:48px;"><li dir="ltr" style="list-style-type:disc;${plain}" aria-level="1"><p dir="ltr" role="presentation">${run(plain, "First")}</p></li><ul style="margin-top:0;"><li dir="ltr" style="list-style-type:circle;${plain}" aria-level="2"><p dir="ltr" role="presentation">${run(plain, "Inner")}</p></li></ul><li dir="ltr" style="list-style-type:disc;${plain}" aria-level="1"><p dir="ltr" role="presentation">${run(plain, "Second")}</p></li></ul></b>`;

export const docsChecklist = `<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-5e6f"><ul style="margin-top:0;"><li dir="ltr" role="checkbox" aria-checked="true" aria-level="1" style="list-style-type:none;"><img src="data:image/png;base64,iVBORw0KGgo=" width="17.599px" height="17.599px" alt="checked" aria-roledescription="checkbox" style="margin-right:3px;" /><p dir="ltr" role="presentation" style="display:inline-block;">${run(plain, "Done already")}</p></li><li dir="ltr" role="checkbox" aria-checked="false" aria-level="1"><img src="data:image/png;base64,iVBORw0KGgo=" alt="unchecked" aria-roledescription="checkbox" /><p dir="ltr" role="presentation">${run(plain, "To do")}</p></li></ul></b>`;

export const excelTable = `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta name=Generator content="Microsoft Excel 15"><style><!--td {mso-number-format:General;}--></style></head><body link="#0563C1"><table border=0 cellpadding=0 cellspacing=0 width=128 style='border-collapse:collapse'><!--StartFragment--><colgroup><col width=64 span=2></colgroup><tr height=20><td height=20 width=64>1</td><td width=64 align=right style='width:48pt'>2,5</td></tr><!--EndFragment--></table></body></html>`;
