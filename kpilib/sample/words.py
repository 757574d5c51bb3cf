"""Titles, goods and comments of the made-up company."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_SUBJECTS = {
    "晨光厨房": "番茄牛腩 葱油拌面 炸锅鸡翅 早餐三明治 砂锅粥 蒜蓉虾 家常豆腐 排骨汤 土豆焖饭",
    "柚子巷食堂": "学生党盒饭 巷口馄饨 糖醋里脊 酸汤肥牛 炒河粉 红糖糍粑 凉皮 麻辣香锅 柚子茶",
    "山野露营册": "天幕搭法 冬季睡袋 便携炉具 溪边露营 收纳箱 露营咖啡 帐篷防潮 户外灯 徒步背包",
    "七号工具间": "电钻选购 手账柜改造 榫卯小凳 水管维修 工具墙 旧椅翻新 墙面修补 木工胶 卷尺技巧",
}
_HOOKS = (
    "{}，这样做才对",
    "三分钟学会{}",
    "{}的五个误区",
    "第一次试{}，结果惊了",
    "把{}做到极致要多久？",
    "{}｜新手也能一次成功",
    "花小钱办大事：{}",
    "{}到底值不值",
    "跟着老师傅学{}",
)
_TAGS = ("#日常", "#干货分享", "#新手教程", "#生活记录", "#沉浸式", "#周末去哪儿")
PREHEAT = "#直播预热"
ODD_TITLE = "=耐心+卷尺，旧椅翻新 #干货分享"  # a spreadsheet would take it for a formula

GOODS = {
    "晨光好物间": (
        ("3520017761200010001", "多功能料理锅 5L", 1.2),
        ("3520017761200010002", "不粘炒锅 32cm", 0.8),
        ("3520017761200010003", "保温焖烧罐", 0.45),
        ("3520017761200010004", "破壁机 轻音款", 1.9),
    ),
    "山野装备屋": (
        ("3520017761200020001", "两室一厅帐篷", 2.1),
        ("3520017761200020002", "折叠蛋卷桌", 0.6),
        ("3520017761200020003", "羽绒睡袋 -5℃", 1.3),
        ("3520017761200020004", "户外电源 500W", 2.8),
    ),
    "柚子巷家居": (
        ("3520017761200030001", "四件套 全棉", 1.1),
        ("3520017761200030002", "香薰加湿器", 0.7),
        ("3520017761200030003", "实木小边几", 1.4),
        ("3520017761200030004", "收纳筐 三只装", 0.5),
    ),
}

RETURN_REASONS = ("不想要了", "尺寸与描述不符", "商品破损", "效果不好", "发错货", "拍多了")
CANCEL_REASONS = ("不想要了", "信息填写错误", "重复下单")
PLACES = (
    ("浙江省", "杭州市", "余杭区"),
    ("广东省", "佛山市", "南海区"),
    ("四川省", "成都市", "武侯区"),
    ("河南省", "郑州市", "中原区"),
    ("山东省", "青岛市", "城阳区"),
    ("湖北省", "武汉市", "洪山区"),
)

_COMMENTS = {
    "editing_quality": ("节奏很稳", "字幕偶有错字", "转场干净", "收音可以再清楚些", "成片清晰度好"),
    "topic_fit": ("热点跟得快", "选题和账号有点脱节", "节日选题准备得早", "可以多看同行榜单"),
    "screen_performance": ("镜头感好", "语速偏快", "表情自然", "<b>很喜欢</b>，期待更新"),
    "cooperation": ("补拍随叫随到", "排期沟通要更早", "愿意帮新人", "临时改稿也很配合"),
}


def title(account: str, preheat: bool, rng: np.random.Generator) -> str:
    """Make up the title of a work; two works may share one, as on the platform."""
    subjects = _SUBJECTS[account].split()
    text = _HOOKS[rng.integers(len(_HOOKS))].format(subjects[rng.integers(len(subjects))])
    tag = PREHEAT if preheat else _TAGS[rng.integers(len(_TAGS))]
    return f"{text} {tag}"


def comment(item: str, rng: np.random.Generator) -> str:
    """Make up what a rater wrote; most write nothing."""
    if rng.random() > 0.18:
        return ""
    choices = _COMMENTS[item]
    return choices[rng.integers(len(choices))]
